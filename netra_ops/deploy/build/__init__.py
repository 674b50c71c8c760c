"""From the sources to an image with a digest."""
