"""PostgreSQL, Valkey and the identity service on fixed ports; see ``unified_docker_manager``."""
