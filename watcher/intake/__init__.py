"""From an upload root to a staged epoch: hints, scanner, settle, gather, claim.

Everything under a root is hostile: it is opened by directory descriptor, never through a link, and only read or moved.
What a drop means, and when to take it, is decided elsewhere (`watcher.service.planner`).
"""
