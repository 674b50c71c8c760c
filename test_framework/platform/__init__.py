"""The whole platform for tests: its processes, people who use it, the model it talks to."""
