"""PostgreSQL and Valkey: connections, migrations and schema revisions."""
