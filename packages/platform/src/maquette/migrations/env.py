"""What Alembic runs: the steps that are missing, on the connection it is handed."""

from alembic import context

from maquette.kernel.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
