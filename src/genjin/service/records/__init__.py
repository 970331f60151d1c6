"""Leads, customers and their kin: read and written, and what happens to one in its life."""
