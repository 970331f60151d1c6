"""`genjin mcp`: lets assistants read timelines, and write where their person says yes."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.output import fail
from genjin.cli.profiles import ProfileName, connected

if TYPE_CHECKING:
    from genjin.client import Client


def mcp(
    http: Annotated[
        str,
        typer.Option(
            metavar="URL", help="Serve Streamable HTTP for the server at URL, each caller by their own token."
        ),
    ] = "",
    host: Annotated[str, typer.Option(help="The address to listen on, with --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on, with --http.")] = 8001,
    trusting: Annotated[
        bool, typer.Option("--trusting", help="Let clients write that cannot ask their person by the protocol.")
    ] = False,
    profile: ProfileName = "",
) -> None:
    """Speak the Model Context Protocol, on standard input and output."""
    try:
        from genjin.mcp.server import make_server
    except ModuleNotFoundError:
        fail("This needs the package of the protocol: pip install 'genjin[mcp]'")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell every address, and so what is searched for
    if not http:
        with connected(profile):  # who has no profile is told so before the client is
            pass
        make_server(lambda _: connected(profile), trusting).run("stdio")
        return
    make_server(lambda headers: _by_token(http, headers), trusting).run("streamable-http", host=host, port=port)


def _by_token(url: str, headers: Mapping[str, str] | None) -> "Client":
    """A client with the token that the caller of the protocol has sent."""
    from genjin.client import Client
    from genjin.client.errors import NotSignedIn

    scheme, _, token = (headers or {}).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn(401, "unauthenticated", "Send a token of Genjin: Authorization: Bearer TOKEN")
    return Client(url, token=token)
