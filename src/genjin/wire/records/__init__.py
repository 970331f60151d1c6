"""Records and what belongs to their forms, from the wire and to it."""
