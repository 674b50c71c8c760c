"""The header contract, compared with what really arrives behind the edge."""
