"""The doors of the wire contract: handlers, one noun each."""
