"""Deploy, verify, roll back: the release pipeline over the Cloud Run Admin API v2."""
