"""Searching texts and names, and moving them into the index."""
