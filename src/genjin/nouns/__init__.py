"""What an organisation has, noun by noun, as lines of JSON that know of no revision of the schema."""
