"""What `doctor` tries, one small file per subject.

Each check is a function from a Site (what was seen of the machine) to results; it decides on what was tried, says
what was found and what to do. Whatever is tried leaves nothing behind and is no drop to a running service.
"""
