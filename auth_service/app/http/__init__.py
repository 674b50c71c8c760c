"""Common code of the HTTP routes: the client of a request and the documented responses."""
