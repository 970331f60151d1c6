"""The handlers of the page, one file for each thing that it shows."""
