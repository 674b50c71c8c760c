"""Which release the fleet should be on, and how sockets of another one leave."""
