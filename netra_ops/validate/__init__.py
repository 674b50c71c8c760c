"""Checks that the guide names, each a probe with evidence, a verdict and an exit status."""
