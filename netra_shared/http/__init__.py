"""HTTP: body limits, edge headers, problem documents and the server."""
