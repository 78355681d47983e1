"""Puts a report into a root for its sender, in a way that a hostile root can't turn against us.

The results folder is opened without following links; a file is written under a temporary name of ours and renamed over
whatever stands there (a link is replaced, not followed). The sender can at worst make it fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from watcher import fsops
from watcher.model.names import RESULTS_FOLDER

#: Readable by the sender whatever group he has; the upload folder itself keeps strangers out.
_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_BLOCK_BYTES = 1024 * 1024


def put_results(root: Path, contents: Mapping[str, bytes | Path], *, instead_of: str = "") -> None:
    """Write files (name -> content, or the file that holds it) into `results/` of a root.

    All of them or none. Other files there whose names begin with `instead_of` belonged to an earlier report, and go.
    Raises OSError where the root does not let us.
    """
    with fsops.open_root(root) as fd:
        if not fsops.exists(RESULTS_FOLDER, fd):
            fsops.make_directory(RESULTS_FOLDER, fd, _FOLDER_MODE)
            _let_sender_in(fd)
        with fsops.open_directory(RESULTS_FOLDER, fd) as results:
            blocks = {name: _blocks(each) if isinstance(each, Path) else each for name, each in contents.items()}
            fsops.write_files(blocks, results, _FILE_MODE)
            if instead_of:
                for name in os.listdir(results):
                    if name.startswith(instead_of) and name not in contents:
                        fsops.remove(name, results)


def way_to_results(root: int) -> str:
    """What decides whether `results/` of an open root can be written, as one word that changes when it does.

    Owner, group and mode of the root and of what bears the name, and which inode that is. Their times are no part of
    it: those of a folder change with each try to write into it.
    """
    try:
        status = os.stat(RESULTS_FOLDER, follow_symlinks=False, dir_fd=root)
    except FileNotFoundError:
        return _rights(os.fstat(root))
    return f"{_rights(os.fstat(root))} {status.st_ino}:{_rights(status)}"


def _rights(status: os.stat_result) -> str:
    return f"{status.st_mode:o}:{status.st_uid}:{status.st_gid}"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from iter(lambda: stream.read(_BLOCK_BYTES), b"")


def _let_sender_in(root: int) -> None:
    """Set the mode against the umask, on the very directory that was made."""
    with fsops.open_directory(RESULTS_FOLDER, root) as results:
        if os.fstat(results).st_uid == os.geteuid():
            os.fchmod(results, _FOLDER_MODE)
