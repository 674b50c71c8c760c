"""Thresholds, alert rules, and where alerts are sent."""
