"""Timelines: read, and given again as long as they are right."""
