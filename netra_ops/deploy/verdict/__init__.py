"""The verdict on a canary: an anytime-valid sequential test. Values and functions, no I/O."""
