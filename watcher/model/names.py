"""The names that mean something in an upload root, and their near misses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from watcher.text import printable

#: The empty file that closes an epoch; exact, case and all.
MARKER = "COMPLETE"
#: The folder in a root in which the sender finds our reports.
RESULTS_FOLDER = "results"

_EPOCH = re.compile(r"\A[0-9]{8}-[0-9]{6}\Z")
_DIGITS_OF_DAY, _DIGITS_OF_MINUTE, _DIGITS_OF_SECOND = 8, 12, 14

#: Names that upload clients and servers use until a file is whole; measured or documented, client behind each.
_UPLOADING = re.compile(
    r"""\A(?:
      .+\.filepart                      # WinSCP
    | \.in\..*                          # lftp, ProFTPD
    | \.sftpgo-upload\..*               # SFTPGo
    | \.pureftpd-upload\..*             # Pure-FTPd
    | .+\.partial                       # rclone
    | .+\.(?:part|ocTransferId\d+\.part) # KDE, Nextcloud
    | \..+\.[A-Za-z0-9]{6}              # rsync
    | .+\.(?:tmp|temp|incomplete|uploading|crdownload|download)
    | .+-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}  # Cyberduck
    )\Z""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
#: What editors and operating systems leave behind; never data, never in the way.
_DROPPING = re.compile(
    r"""\A(?:
      ~\$.* | \.~lock\..*\# | .*\.sw[op] | .*~ | \.\#.* | \#.*\#
    | \.goutputstream-.* | \.fuse_hidden.* | \.nfs[0-9a-f]+
    | \.DS_Store | \._.* | Thumbs\.db | desktop\.ini | __MACOSX | @eaDir | \.Trash.* | \.localized
    )\Z""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


#: So many characters of a name are shown.
NAME_CHARACTERS = 120
_ELLIPSIS = "…"


def safe_name(name: str, limit: int = NAME_CHARACTERS) -> str:
    """A name from disk made fit for one line of a log or report: controls escaped, length capped."""
    return printable(name, limit)


def shown_names(names: Iterable[str]) -> dict[str, str]:
    """Each name as `safe_name` shows it, but no two alike: those that would be have a number, as in `stude…2`.

    A name that is shown as it is always keeps that form.
    """
    shown = {name: safe_name(name) for name in names}
    taken = {name for name, form in shown.items() if name == form}
    numbers: Counter[str] = Counter()
    for name, form in sorted(shown.items()):
        while shown[name] != name and shown[name] in taken:
            numbers[form] += 1
            shown[name] = _numbered(name, numbers[form] + 1)
        taken.add(shown[name])
    return shown


def _numbered(name: str, number: int) -> str:
    end = f"{_ELLIPSIS}{number}"
    return printable(name, NAME_CHARACTERS - len(end)).removesuffix(_ELLIPSIS) + end


def is_epoch_name(name: str) -> bool:
    """Whether it is eight digits, a hyphen, six digits; the time need not be possible.

    A vendor's own documentation shows `20200101-139029`, so the clock does not decide.
    """
    return _EPOCH.match(name) is not None


def has_possible_time(epoch: str) -> bool:
    """Whether an epoch name is a moment of the calendar."""
    try:
        datetime.strptime(epoch, "%Y%m%d-%H%M%S")  # noqa: DTZ007 (only asked whether it parses)
    except ValueError:
        return False
    return True


def is_possible_day(digits: str) -> bool:
    """Whether eight digits are a day of the calendar."""
    return has_possible_time(f"{digits}-000000")


def nearest_epoch_name(name: str) -> str | None:
    """The epoch name that a near miss probably meant: `2026-09-01_0200` -> `20260901-020000`."""
    if is_epoch_name(name) or re.sub(r"[0-9\sT_.:\-]", "", name):
        return None
    digits = re.sub(r"[^0-9]", "", name)
    if len(digits) not in (_DIGITS_OF_DAY, _DIGITS_OF_MINUTE, _DIGITS_OF_SECOND):
        return None
    digits = digits.ljust(_DIGITS_OF_SECOND, "0")
    return f"{digits[:8]}-{digits[8:]}"


def is_near_marker(name: str) -> bool:
    """Whether it was probably meant to be the marker: `complete`, `COMPLETE.txt`, `Completed`, `DONE`."""
    if name == MARKER:
        return False
    stem = re.sub(r"[^a-z]", "", re.sub(r"\.[A-Za-z]{1,4}\Z", "", name).lower())
    return stem in {"complete", "completed", "complet", "compleet", "compelte", "comlete", "competed", "done"}


def is_uploading_name(name: str) -> bool:
    """Whether an upload client uses such a name until the file is whole."""
    return _UPLOADING.match(name) is not None and not is_dropping(name)


def is_dropping(name: str) -> bool:
    """Whether an editor or operating system left it behind."""
    return _DROPPING.match(name) is not None


def is_zip_name(name: str) -> bool:
    """Whether it is a zip's: `.zip` at the end, in any case. An `.xlsx` is a zip too, and is not meant."""
    return name.lower().endswith(".zip")


def is_temporary_name(name: str) -> bool:
    """Whether it is never data: still uploading under a temporary name, or left behind."""
    return is_dropping(name) or is_uploading_name(name)
