"""The process: signals, tasks, late imports, crash logs and recent errors."""
