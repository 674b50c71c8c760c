"""Durable runs: service, store, journal, leases, recovery and replay."""
