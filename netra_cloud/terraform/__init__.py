"""Terraform for Google's serverless edge: schema, rules, and a provider stand-in."""
