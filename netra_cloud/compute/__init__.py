"""Google's compute API, as far as a serverless load balancer needs it."""
