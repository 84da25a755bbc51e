"""Alembic's entry: migrates the connection it is handed."""

from alembic import context

from api.store.tables import metadata


def run() -> None:
    """Run the migrations on the connection of the configuration."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    context.run_migrations()


run()
