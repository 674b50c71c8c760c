"""The backend's tables (PostgreSQL schema ``netra``) and their migrations."""
