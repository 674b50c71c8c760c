"""Access tokens: claims, signature, and the header that carries them."""
