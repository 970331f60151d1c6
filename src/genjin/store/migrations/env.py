"""Runs the migrations on the connection that store/schema.py hands over, inside its transaction."""

from alembic import context

from genjin.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
