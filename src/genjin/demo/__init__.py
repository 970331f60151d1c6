"""The data of `genjin demo`: the documented example, messages of an older system, and a made-up sales team."""

from pathlib import Path

EXAMPLE = Path(__file__).parent / "sales_activities.json"
"""The documented answer of the sales_activities endpoint."""
MESSAGES = Path(__file__).parent / "messages.json"
"""Short messages that were sent to another lead: a capture of a kind that Genjin does not know."""
EXAMPLE_ORGANISATION = 11_300_332
EXAMPLE_LEAD = 1_311_120_102
LOGIN, PASSWORD = "demo", "demo"
