"""The backend's readiness checks and the effect of their failure."""
