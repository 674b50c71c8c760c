"""The operations guide: the agent that answers when no language model is configured."""
