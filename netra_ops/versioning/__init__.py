"""Versions of this repository: change log, version number, SBOM. Used by ``scripts/release.py``."""
