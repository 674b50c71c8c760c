"""Readiness: checks, budgets, snapshots, probes and their routes."""
