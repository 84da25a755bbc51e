"""Bring a database to the schema of this version."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from api.store.db import Database


def configuration() -> Config:
    """Alembic's configuration with the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(database: Database) -> None:
    """Create or migrate the schema; does nothing when it is current."""
    with database.write() as connection:
        # Two processes may start together: the second waits for the first.
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
