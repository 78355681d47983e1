"""The daemon: one path from a look to its outcome, taken by the timer, a hint, SIGHUP, `once` and the tests alike.

What validates belongs to `validation`, what takes from a root to `intake`, what a target needs to `loading`; here is
only when each is done, and what is written down of it.

To decide    `planner` and the modules that it asks (`plan_*`, `noticing`, `piles`) are pure: steps from a `situation`
To look      `look` goes once round: `seeing` asks the disk, the planner decides, `perform` and `heavy` act, `delivery`
             tells the sender, `outcomes` writes down what a worker's task came to, `trouble` what kept an action back
To schedule  `loop` says when; a `seat` is a root's place in it, a `lane` what is remembered of the root meanwhile;
             `threads`, `sweep`, `failures` and `turns` are the loop's means
To work      `workers` runs `tasks` in child processes
To run       `daemon` opens all that, obeys signals, and has chores done (`upkeep`): `discovering` finds the roots
Beside it    `explaining` for `explain`, `doctor` and `checks` for `doctor`
"""
