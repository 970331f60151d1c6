"""Imports tables, CSV and Excel: records, follow-ups and calls, as their columns say."""
