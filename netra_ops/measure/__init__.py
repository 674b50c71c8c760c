"""What the monitor and the load test share: latencies, outcomes, probes and report pages."""
