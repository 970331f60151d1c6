"""The data of `genjin demo`: the documented example, and a made-up sales team around it."""

from pathlib import Path

EXAMPLE = Path(__file__).parent / "sales_activities.json"
"""The documented answer of the sales_activities endpoint."""
EXAMPLE_ORGANISATION = 11_300_332
EXAMPLE_LEAD = 1_311_120_102
LOGIN, PASSWORD = "demo", "demo"
