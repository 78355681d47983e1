"""Notices: what was said of a root, so that it is said once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from watcher.journal.rows import NOTICE_COLUMNS, to_notice
from watcher.journal.tables import notices
from watcher.journal.transactions import serialise
from watcher.model.records import Notice, NoticeKey


def of_root(connection: Connection, root: str | None) -> tuple[Notice, ...]:
    """The notices of one root or of all, oldest first."""
    question = select(*NOTICE_COLUMNS).order_by(notices.c.id)
    if root is not None:
        question = question.where(notices.c.root == root)
    return tuple(to_notice(row) for row in connection.execute(question))


def add(connection: Connection, notice: Notice, at: datetime) -> bool:
    """Whether it is new; one that is there already is left as it is."""
    digest = _digest(notice)
    serialise(connection, digest)
    if connection.scalar(select(notices.c.id).where(notices.c.digest == digest)) is not None:
        return False
    values = {
        "digest": digest,
        "root": notice.root,
        "kind": notice.kind,
        "subject": notice.subject,
        "identity": notice.identity,
        "text": notice.text,
        "at": at,
    }
    connection.execute(insert(notices).values(**values))
    return True


def drop(connection: Connection, root: str, gone: AbstractSet[NoticeKey]) -> None:
    """Forget these notices of a root."""
    digests = [{"same": _digest_of(root, *key)} for key in sorted(gone)]
    if digests:
        connection.execute(delete(notices).where(notices.c.digest == bindparam("same")), digests)


def _digest(notice: Notice) -> str:
    return _digest_of(notice.root, *notice.key)


def _digest_of(root: str, kind: str, subject: str, identity: str) -> str:
    same = json.dumps([root, kind, subject, identity])
    return hashlib.sha256(same.encode("ascii")).hexdigest()
