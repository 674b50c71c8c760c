"""A local Cloud Run: state machine, API fronts, process runtime and data plane."""
