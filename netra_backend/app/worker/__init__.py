"""The agent process: supervisor and client in the gateway, server and API, and their RPC."""
