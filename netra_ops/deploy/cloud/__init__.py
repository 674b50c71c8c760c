"""Cloud Run's Admin API v2 as this tool uses it, through the ``google-cloud-run`` client."""
