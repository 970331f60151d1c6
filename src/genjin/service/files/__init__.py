"""Files: let in, examined, attached, given out."""
