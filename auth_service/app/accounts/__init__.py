"""Accounts, their roles, sign-up and sign-in."""
