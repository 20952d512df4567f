"""The store's schema, step by step (Alembic). ``alerts.store.Store`` runs it when it opens."""
