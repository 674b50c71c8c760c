"""Images in answers: fetched by the backend, so that a page talks to its own origin only."""
