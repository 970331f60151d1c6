"""Bring history in from elsewhere. Each importer reads everything before it writes anything."""
