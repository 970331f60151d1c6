"""What people write on a record: follow-ups, calls, check-ins, comments, and the files of each."""
