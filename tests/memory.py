"""The files of the tests lie in memory where there is enough of it.

Most are databases, which wait for the disk at every commit; nobody needs these after a power cut.
"""

import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # Linux has it
ENOUGH = 6_000_000_000
"""Bytes that have to be free; a whole run keeps about a tenth of that at a time."""


def keep_files_in_memory() -> None:
    """Let this process, and those that it starts, make temporary files there, unless TMPDIR says where they belong."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available) >= ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # somebody may have asked already
