"""What a test leaves behind: processes, threads, sockets, tasks, errors that no one saw."""
