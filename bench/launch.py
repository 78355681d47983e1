"""Runs a command and prints how long it took and what memory it used, as JSON; its own output goes to a file.

A process of its own, and a small one: Linux counts what the parent had in memory among the peak of a child that it
starts. Run with `python -I -S`, standard library only.
"""

import json
import os
import sys
import time


def main() -> None:
    output, command = sys.argv[1], sys.argv[2:]
    stdout = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    begin = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, stdout, 1)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begin
    cpu = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"wall": wall, "cpu": cpu, "rss_mib": usage.ru_maxrss / 1024, "code": code}))


if __name__ == "__main__":
    main()
