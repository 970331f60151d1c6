"""Pools: records that nobody owns, and how they come and go."""
