"""Infrastructure back to an earlier commit: planned, shown, and only then applied."""
