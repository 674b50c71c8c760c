"""The rows of the checklist, one module for each section."""
