"""What a person should know, and of which records."""
