"""The process that executes agents, beside the gateway of the same instance."""
