"""The page of a timeline: the hot path, what it is made of, and how one is read back."""
