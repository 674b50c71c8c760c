"""What the users of a load test do."""
