"""Files, the links to them and uploads, from the wire and to it."""
