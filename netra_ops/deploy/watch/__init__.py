"""Evidence for the verdict: attempts on both releases at the same time."""
