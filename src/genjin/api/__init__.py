"""The HTTP door. It translates and calls one use case; the whole URL table is in routes.py."""
