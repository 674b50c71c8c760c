"""Where the Terraform of the staging stack is in the checkout."""

from pathlib import Path

STACK = Path(__file__).parents[1] / "terraform-gcp-staging"
