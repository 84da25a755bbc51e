"""A PostgreSQL server for tests: one that is named, else one of our own where it is installed."""

import atexit
import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from api.main import free_port
from api.store.db import Database

HOW = "no PostgreSQL that runs here: install it, or set YUYAN_TEST_POSTGRES to the SQLAlchemy URL of an empty one"
#: Debian keeps the programs of a server off the path.
DEBIAN = "/usr/lib/postgresql"


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest where there are several."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return folders[-1].parent if folders else None


def _account() -> dict[str, str]:
    """Whose processes a server may be of: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": "postgres"} if "postgres" in names else {}


@functools.cache
def postgres_url() -> str | None:
    """SQLAlchemy URL of a database that tests may empty, or None; ours ends with the process."""
    given = os.environ.get("YUYAN_TEST_POSTGRES")
    if given:
        return given
    where, account = programs(), _account()
    if where is None or (not account and not os.geteuid()):
        return None
    folder = Path(tempfile.mkdtemp(prefix="yuyan-postgres-"))
    if account:
        shutil.chown(folder, account["user"])
    data, port = folder / "data", free_port("127.0.0.1")

    def call(program: str, *options: str) -> None:
        subprocess.run(
            [where / program, "-D", data, *options],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            **account,
        )

    def end() -> None:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off -k {folder}"
    try:
        call("initdb", "-A", "trust", "-U", "yuyan", "-E", "UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    except (OSError, subprocess.CalledProcessError):  # its own words are on stderr
        shutil.rmtree(folder, ignore_errors=True)
        return None
    atexit.register(end)
    return f"postgresql://yuyan@127.0.0.1:{port}/postgres"


def emptied(url: str) -> str:
    """The database at `url` without a table."""
    database = Database(url)
    with database.write() as tx:
        tx.exec_driver_sql("DROP SCHEMA public CASCADE")
        tx.exec_driver_sql("DROP SCHEMA IF EXISTS dbos CASCADE")
        tx.exec_driver_sql("CREATE SCHEMA public")
    database.close()
    return url
