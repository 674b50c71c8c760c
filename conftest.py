"""Loads the project's pytest plugin for every test folder."""

pytest_plugins = ["test_framework.plugin"]
