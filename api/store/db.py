"""The database: engine, transactions and portable column types."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

__all__ = [
    "Connection",
    "Database",
    "Line",
    "Unavailable",
    "UtcDateTime",
    "Words",
    "open_engine",
    "set_pragmas",
]

#: Writers of a PostgreSQL database queue up at this lock, as SQLite makes them of itself.
_WRITER = 7021997
#: Seconds a PostgreSQL writer waits for the others, and one may stand idle while they wait.
_PATIENCE = {"lock_timeout": 30, "idle_in_transaction_session_timeout": 120}


class Unavailable(Exception):
    """The database cannot be used at the moment: it is away, too busy, or its disk is full."""

    def __init__(self, error: Exception, *, full: bool) -> None:
        super().__init__(str(error))
        self.full = full


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


def _storable(text: str) -> str:
    """`text` with U+FFFD for what no database and no document takes: NUL, half a pair."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


class Line(sa.TypeDecorator[str]):
    """A short text: what is longer than the column is cut, the same on every database.

    Names come from files and may be anything; a name shall cost nobody a result.
    """

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Store, or compare with, what the column can hold."""
        del dialect
        length: int | None = getattr(self.impl_instance, "length", None)
        return None if value is None else _storable(value)[:length]


class Words(sa.TypeDecorator[str]):
    """A text of any length."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Store, or compare with, what the column can hold."""
        del dialect
        return None if value is None else _storable(value)


class Database:
    """Transactions on one database."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._embedded = self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state and writes nothing.

        Raises
        ------
        Unavailable
            The database cannot be used at the moment.

        """
        options = {} if self._embedded else {"isolation_level": "REPEATABLE READ"}
        with _told(), self.engine.connect() as raw:
            connection = raw.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; it is the only one from its start to its end.

        Use cases look before they write, and number what they add: two at a time would give
        the same number twice. Events get their numbers in the order in which they are seen.

        Raises
        ------
        Unavailable
            The database cannot be used at the moment.

        """
        with _told(), self.engine.connect() as raw:
            connection = raw.execution_options(yuyan_write=True)
            with connection.begin():
                if not self._embedded:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Tell a database that is away, busy or full from a fault of ours."""
    try:
        yield
    except sa.exc.TimeoutError as err:
        raise Unavailable(err, full=False) from err
    except sa.exc.OperationalError as err:
        cause = err.orig
        if isinstance(cause, sqlite3.OperationalError):
            # A missing table or a wrong statement is an operational error of SQLite too.
            code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if code == sqlite3.SQLITE_ERROR:
                raise
            raise Unavailable(err, full=code == sqlite3.SQLITE_FULL) from err
        raise Unavailable(err, full=getattr(cause, "sqlstate", None) == "53100") from err


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
        return _open_server(url)
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


def _open_server(url: str) -> Engine:
    engine = sa.create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        del record
        for name, seconds in _PATIENCE.items():
            connection.execute(f"SET {name} = '{seconds}s'")
        connection.commit()

    return engine
