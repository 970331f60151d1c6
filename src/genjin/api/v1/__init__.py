"""Our own API, /api/v1: plain HTTP, real statuses, problem details; its conventions, and a door for each noun."""
