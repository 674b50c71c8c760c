"""Calls between two processes of one instance, over a socket that both inherited."""
