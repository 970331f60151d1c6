"""The pages of administration, one file for each thing that is administered."""
