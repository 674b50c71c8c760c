"""``netra audit``: known vulnerabilities of the locked packages."""
