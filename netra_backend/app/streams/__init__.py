"""Ordered, resumable events per thread: store, live fan-out, and what bridges an outage."""
