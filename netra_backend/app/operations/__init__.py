"""The operators' live view: each instance describes itself, one board collects the views."""
