"""Reports: how much was done, and what came of it."""
