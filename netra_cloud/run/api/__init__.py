"""HTTP fronts over the controller."""
