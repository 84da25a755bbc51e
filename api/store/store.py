"""The store: one database with its blobs."""

from dataclasses import dataclass

from api.settings import Settings
from api.store.blobs import BlobStore, FolderBlobs
from api.store.db import Database
from api.store.migrate import upgrade


@dataclass(frozen=True, slots=True)
class Store:
    """Where everything is kept."""

    db: Database
    blobs: BlobStore


def open_store(settings: Settings) -> Store:
    """Open the store of `settings`, created and migrated where needed."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.sql_url)
    upgrade(database)
    return Store(db=database, blobs=FolderBlobs(settings.blobs))
