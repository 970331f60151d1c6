"""Webhooks: addresses that are told what happens, as far as their owners see it."""
