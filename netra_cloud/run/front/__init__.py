"""The data plane: from a request to an instance."""
