"""``netra cloud``: the local Cloud Run from the terminal."""
