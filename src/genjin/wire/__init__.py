"""The upstream's contract, and nothing else: pure functions between its JSON and our domain. No store, no HTTP."""
