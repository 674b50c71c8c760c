"""``netra test``: the test runner."""
