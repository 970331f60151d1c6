"""A door for assistants: the Model Context Protocol, over the SDK, as whoever's token it is."""
