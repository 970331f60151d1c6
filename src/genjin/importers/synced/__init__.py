"""Puts what an upstream's API answers into an organisation: an object once, by its source and its id there.

What was changed or deleted here stays so, unless the upstream changed it later; nothing is removed for good. A body
that cannot be read is a misfit, and the rest goes in.
"""
