"""The daemon: one path from a look to its outcome, taken by the timer, a hint, SIGHUP, `once` and the tests alike.

`look` gathers facts and records, `planner` decides, `perform` acts, `loop` says when. Heavy work runs in child
processes (`workers`, `tasks`).
"""
