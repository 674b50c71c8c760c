"""What a deploy does to open sockets: the whole platform on the local Cloud Run."""
