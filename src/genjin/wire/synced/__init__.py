"""Reads what an upstream's API answers back into our domain. All ids in what is read are the upstream's."""
