"""The runbook: pages under ``docs/``, searchable from a chat."""
