"""``allocate serve``: the what-if page."""

from __future__ import annotations

from pathlib import Path

import click

from allocate.cli import towns
from allocate.cli.guard import OK, tell
from allocate.cli.numbers import Whole
from allocate.cli.options import Request, command, option
from allocate.cli.paths import Reads
from allocate.cli.speech import say
from allocate.errors import InputError, UsageError
from allocate.examples import shipped

_TEXTS = "serve.csv"
_PORT = 8765
_LOOPBACK, _EVERYWHERE = "127.0.0.1", "0.0.0.0"


@command("serve")
@click.argument("case", type=Reads(), required=False)
@option("--no-browser", is_flag=True)
@option("--port", type=Whole(0, 65535), default=_PORT, show_default=True)
@option("--share", is_flag=True)
def serve(request: Request, case: Path | None, no_browser: bool, port: int, share: bool) -> int:
    """Serve the page until it is interrupted; its address is one line on standard output."""
    import secrets
    import socket
    import webbrowser

    import uvicorn

    from allocate.web.application import House, application
    from allocate.web.keeping import Keeper, home

    found = towns.find(case) if case else None
    if found is not None and not found.exists():
        raise InputError("case-missing", path=str(case))
    token = secrets.token_urlsafe(24) if share else ""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((_EVERYWHERE if share else _LOOPBACK, port))
            # Whoever reads the address may come at once: the system lets them wait until the server is ready.
            door.listen()
        except OSError as taken:
            raise UsageError("port-taken", port=port) from taken
        place = f"http://{_own_address() if share else _LOOPBACK}:{door.getsockname()[1]}/"
        house = House(Keeper(home()), request.lang, shipped().get("auenfurt"), found, token, place if share else "")
        address = place + (f"?token={token}" if share else "")
        request.stream.write(f"{address}\n")
        request.stream.flush()
        settings = uvicorn.Config(application(house), log_level="error", access_log=False, lifespan="on")
        if not no_browser:
            webbrowser.open(address)
        uvicorn.Server(settings).run(sockets=[door])
    if not request.quiet:
        tell(say("serve.ended", _TEXTS, folder=house.keeper.folder))
    return OK


def _own_address() -> str:
    """This machine's address in its network, which phones can reach without knowing its name; else its name."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            # Choosing the way to an address that is nobody's sends nothing.
            way.connect(("192.0.2.1", 9))
            return str(way.getsockname()[0])
        except OSError:
            return socket.gethostname()
