"""Feeds: entries by filter, in order, from any place on, and what is shown beside them."""
