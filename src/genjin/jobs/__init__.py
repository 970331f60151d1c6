"""What the installation does by itself, at its time."""
