"""What people write on a record, from the wire and to it."""
