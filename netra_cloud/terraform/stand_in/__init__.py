"""A stand-in for the provider hashicorp/google, so that the real terraform works offline."""
