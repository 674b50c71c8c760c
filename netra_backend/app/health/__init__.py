"""Which readiness checks the backend has, and what their failure means."""
