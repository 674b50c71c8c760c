"""The part of Cloud Logging that clients of Cloud Run read."""
