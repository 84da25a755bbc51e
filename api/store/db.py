"""The database: engine, transactions and portable column types."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

__all__ = ["Connection", "Database", "UtcDateTime", "open_engine", "set_pragmas"]


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware time; UTC on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store in UTC; a naive time is a programming error."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "naive datetime"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back aware times."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Transactions on one database."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and writes nothing."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; on SQLite it takes the write lock at its start."""
        with self.engine.connect() as raw:
            connection = raw.execution_options(yuyan_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def set_pragmas(connection: Any) -> None:
    """Make a new SQLite connection wait for others, and what is committed survive a power cut."""
    for pragma in (
        "busy_timeout=30000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite gets WAL, full sync and immediate write transactions."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    name = sa.make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, connect_args={"check_same_thread": False}, pool_size=20, max_overflow=30
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None  # SQLAlchemy's begin event emits BEGIN itself
        set_pragmas(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("yuyan_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
