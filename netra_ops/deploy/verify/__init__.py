"""Verification of one exact revision: checks with what was expected and what was seen."""
