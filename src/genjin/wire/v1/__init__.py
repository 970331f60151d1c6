"""The JSON of our own API, /api/v1: our words, as types that check what comes in and describe what goes out."""
