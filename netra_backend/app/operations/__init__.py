"""What operators watch: each instance's view of itself, brought together live."""
