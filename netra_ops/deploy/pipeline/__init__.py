"""The steps of a deploy and of a rollback, and what runs them."""
