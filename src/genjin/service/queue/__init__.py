"""The queue of jobs: what lasts, batch by batch."""
