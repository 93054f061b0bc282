"""How Alembic reaches the ledger: over the connection that was handed in, inside its transaction."""

from alembic import context

from outreach.ledger.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
