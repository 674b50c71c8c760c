"""A serverless load balancer of Google's on a local Envoy."""
