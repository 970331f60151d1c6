"""Brings a company's history from another server of the contract, and keeps up with it.

What is brought is read in units: a page of a list of records, or the whole timeline of one. A unit goes in together
with what is known of it from then on, in one transaction, so a run may be cut off anywhere: the next one goes on with
the next unit.
"""
