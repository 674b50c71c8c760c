"""Agents: what answers a message, as a stream of AG-UI events. Knows nothing of sockets."""
