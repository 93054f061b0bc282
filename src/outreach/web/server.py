"""Uvicorn: bound where it may be, silent about who visits, gone within seconds when it is asked to end."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Sequence
from types import FrameType

import uvicorn

from outreach.errors import SettingsError, UsageError
from outreach.runner.supporters.desk import SupporterDesk
from outreach.web.app import application

GRACE = 2  #: seconds that a page in the making has, once the server is asked to end
WAITING = 512  #: connections that wait to be taken


def listening(host: str, port: int, *, behind_proxy: bool) -> socket.socket:
    """A socket that listens. Raises UsageError where this would put the page on the open network without TLS.

    Raises SettingsError when the port is taken or the address is not this machine's.
    """
    address = _address(host)
    if not address.is_loopback and not behind_proxy:
        raise UsageError(
            f"{host} can be reached from other machines, and this server speaks no TLS: names and addresses would "
            "travel in the open.",
            todo="Leave --host out. Behind a reverse proxy that speaks TLS say --behind-proxy (docs/supporters.md).",
        )
    found = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((str(address), port))
        found.listen(WAITING)
    except OSError as error:
        found.close()
        taken = error.errno == errno.EADDRINUSE
        raise SettingsError(
            f"Port {port} is taken by another program." if taken else f"Nothing can listen here: {error.strerror}.",
            where=f"{host}:{port}",
            todo="Choose another one with --port." if taken else "Choose another one with --host or --port.",
        ) from error
    return found


class Server(uvicorn.Server):
    """The server of the pages. `should_exit` ends it, from any thread."""

    def __init__(self, desks: Sequence[SupporterDesk]) -> None:
        super().__init__(
            uvicorn.Config(
                application(desks),
                access_log=False,  # an address holds a token
                server_header=False,
                proxy_headers=False,  # web/visitor.py believes nobody but the campaign's own proxies
                lifespan="off",
                ws="none",
                http="h11",
                loop="asyncio",
                log_level="warning",
                timeout_graceful_shutdown=GRACE,
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  uvicorn's own shape
        """Ctrl-C and SIGTERM are the usual end, not an error: none is raised again. The second breaks off."""
        self.force_exit = self.should_exit
        self.should_exit = True

    def serve_on(self, found: socket.socket) -> None:
        """Serve until asked to end: Ctrl-C and SIGTERM do."""
        self.run([found])


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address, without asking anybody what a name means."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise SettingsError(
            f'"{host}" is no address of this machine.', todo="Say --host with an address, such as 127.0.0.1."
        ) from error
