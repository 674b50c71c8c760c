"""What sockets notice while agents work."""
