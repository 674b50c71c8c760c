"""The socket gateway: handshake, one record per connection, commands, streams, drain."""
