"""A bystander's latencies during attacks on the platform."""
