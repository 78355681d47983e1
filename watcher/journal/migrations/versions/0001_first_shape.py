"""The first shape: records with their transitions, attempts, notices and requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_records()
    _create_transitions()
    _create_attempts()
    _create_notices()
    _create_requests()


def _null_index(name: str, table: str, columns: list[str], empty: str, *, unique: bool = False) -> None:
    where = sa.text(f"{empty} IS NULL")
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _flag_index(name: str, columns: list[str], flag: str) -> None:
    """Only rows with the flag set; SQLite uses the index only where the condition is written as the query's is."""
    index = op.create_index
    index(name, "journal_records", columns, sqlite_where=sa.text(f"{flag} = 1"), postgresql_where=sa.text(flag))


def _create_records() -> None:
    op.create_table(
        "journal_records",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("root", _NAME, nullable=False),
        sa.Column("epoch", _NAME, nullable=False),
        sa.Column("take", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("dataset", sa.Text),
        sa.Column("key", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("retry_at", _TIME),
        sa.Column("deferrals", sa.Integer, nullable=False),
        sa.Column("source_left", sa.Boolean, nullable=False),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sa.Column("loaded_by", sa.Text, nullable=False),
        sa.Column("files", sa.BigInteger),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("rows", sa.BigInteger),
        sa.Column("errors", sa.BigInteger),
        sa.Column("warnings", sa.BigInteger),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("was_loaded", sa.Boolean, nullable=False),
    )
    op.create_index("journal_records_take", "journal_records", ["root", "epoch", "take"], unique=True)
    op.create_index("journal_records_history", "journal_records", ["root", "id"])
    op.create_index("journal_records_states", "journal_records", ["root", "state", "id"])
    _flag_index("journal_records_open", ["root", "epoch", "take"], "is_open")
    _flag_index("journal_records_loaded", ["root", "epoch", "take"], "was_loaded")
    _flag_index("journal_records_left", ["root", "id"], "source_left")


def _create_transitions() -> None:
    op.create_table(
        "journal_transitions",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("record_id", _NUMBER, sa.ForeignKey("journal_records.id"), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("journal_transitions_record", "journal_transitions", ["record_id", "id"])


def _create_attempts() -> None:
    op.create_table(
        "journal_attempts",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("record_id", _NUMBER, sa.ForeignKey("journal_records.id"), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("loader", sa.Text),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("ended", _TIME),
        sa.Column("ending", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("journal_attempts_record", "journal_attempts", ["record_id", "id"])
    _null_index("journal_attempts_unended", "journal_attempts", ["id"], "ended")


def _create_notices() -> None:
    op.create_table(
        "journal_notices",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("root", _NAME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("journal_notices_digest", "journal_notices", ["digest"], unique=True)
    op.create_index("journal_notices_root", "journal_notices", ["root", "id"])


def _create_requests() -> None:
    op.create_table(
        "journal_requests",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("record_id", _NUMBER, sa.ForeignKey("journal_records.id"), nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("finished", _TIME),
        sa.Column("outcome", sa.Text),
    )
    _null_index("journal_requests_open", "journal_requests", ["id"], "finished")
    _null_index("journal_requests_once", "journal_requests", ["record_id", "kind"], "finished", unique=True)
