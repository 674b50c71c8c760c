"""The embedded stack: real servers run as child processes, without Docker."""
