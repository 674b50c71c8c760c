"""The local stack: what ``netra up`` starts, watches, describes and stops."""
