"""Genjin (跟进) keeps everything that happens to a lead or customer and serves it as a timeline."""

__version__ = "0.1.0"
