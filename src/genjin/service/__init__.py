"""The use cases: one function each, one transaction each. Knows the domain and the store, nothing of the wire."""
