"""The commands of the protocol, one module per subject."""
