"""Rules about what Google refuses or ignores, one module a subject."""
