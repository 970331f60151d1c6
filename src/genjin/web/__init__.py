"""The page for people: a door that answers with HTML."""
