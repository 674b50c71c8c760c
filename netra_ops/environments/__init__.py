"""The places where Netra runs, and how each is reached."""
