"""Grafana dashboards, as values."""
