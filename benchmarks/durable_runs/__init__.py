"""What durable runs cost: Netra's journal beside DBOS, on one PostgreSQL."""
