"""Versions of the schema (Alembic); `storage.migrate` applies them, from a checkout or from a wheel."""
