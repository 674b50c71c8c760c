"""Where alerts are sent: console, webhook, Alertmanager."""
