"""What each process that serves runs: the application, as long as the process that started it lives."""

import os
import signal
from multiprocessing import parent_process
from threading import Thread

from starlette.types import ASGIApp

from genjin import app


def create_app() -> ASGIApp:
    """The server. A worker whose parent is gone, killed say, ends as if it were told to, and lets go of the port."""
    Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return app.create_app()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
