"""`genjin serve`: the server. What it needs beyond the settings goes to each worker by uvicorn."""

import os
import socket
import sys
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from genjin.cli.opened import opened
from genjin.cli.output import fail

GRACE_SECONDS = 10
"""How long a request may go on after the server was told to stop."""
HEALTH_SECONDS = 30
"""How long a worker may be too busy to tell that it lives, such as while it starts on a busy machine."""

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; one for each core.")] = 1,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="Believe X-Forwarded-For and X-Forwarded-Proto of 127.0.0.1, or of FORWARDED_ALLOW_IPS.",
        ),
    ] = False,
) -> None:
    """Serve the data of GENJIN_DATABASE_URL until Ctrl-C or SIGTERM."""
    from genjin.service.health import check_replicas

    with opened() as installation:  # and closed again: no worker shall inherit an open database
        check_replicas(installation)
    refuse_taken(host, port)
    print(f"Genjin serves on {address(host, port)} (Ctrl-C ends it)", flush=True)
    run(host, port, workers, behind_proxy)


def run(host: str, port: int, workers: int = 1, behind_proxy: bool = False) -> None:
    """Serve until told to stop. The settings are read from the environment, by each worker for itself."""
    from genjin import tracing
    from genjin.logs import configure_logs
    from genjin.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    with tracing.started(settings.traces != "off"):
        pass  # so that what is wrong is said once, and not by each worker again and again
    with ExitStack() as stack:
        if settings.metrics == "on":  # the workers write into one folder, and whichever is asked reads all of it
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", stack.enter_context(TemporaryDirectory(prefix="genjin-")))
        _run(host, port, workers, behind_proxy)


def _run(host: str, port: int, workers: int, behind_proxy: bool) -> None:
    import uvicorn

    from genjin.cli.protocol import BoundedHeadProtocol

    uvicorn.run(
        "genjin.cli.worker:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="auto" if sys.platform == "win32" else "uvloop",
        http=BoundedHeadProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HEALTH_SECONDS,
    )


def refuse_taken(host: str, port: int) -> None:
    """End with a clear line when nobody can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except socket.gaierror as error:
        fail(f"Cannot listen on {host}:{port}: {error.strerror}")
    except OSError as error:
        fail(f"Cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}")


def address(host: str, port: int) -> str:
    """The server's URL as somebody on this machine types it."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
