"""Keeps a Python process on this machine: every way out beyond loopback is refused and written down.

An audit hook sees what C code and borrowed references do as well; the three wrapped methods are there because
CPython resolves a name given to `connect` before it tells the hook. What is refused is also appended to the file
named by LOOPBACK_ONLY_LOG, so that an exception swallowed by the code under test, or in a child process, still counts.
"""

import ipaddress
import os
import socket
import sys

LOG = "LOOPBACK_ONLY_LOG"


class BeyondLoopback(RuntimeError):
    """No OSError, so that no code under test takes it for a network that is down and tries again."""


def forget():
    """Return what was refused since the last call, in this process and its children, and begin anew."""
    path = os.environ.get(LOG)
    if not path or not os.path.exists(path) or not os.path.getsize(path):  # noqa: PTH110, PTH202
        return []
    with open(path, "r+", encoding="utf-8") as log:  # noqa: PTH123
        refused = log.read().splitlines()
        log.truncate(0)
    return refused


def install():
    """Guard this process until it ends: an audit hook cannot be taken out again."""
    if getattr(socket.socket, "loopback_only", False):
        return
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(name, getattr(socket.socket, name)))
    socket.socket.loopback_only = True
    sys.addaudithook(_hook)


def _guarded(name, method):
    def guarded(self, *args):
        if args:
            _check_address(f"socket.{name}", self, args[-1])
        return method(self, *args)

    guarded.__name__ = name
    return guarded


def _hook(event, args):
    if not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}:
        _check_address(event, *args)
    elif event == "socket.getaddrinfo" or event == "socket.gethostbyname":
        _check_name(event, args[0])
    elif event == "socket.gethostbyaddr":
        _check_host(event, args[0])
    elif event == "socket.getnameinfo":
        _check_host(event, args[0][0])


def _check_address(event, sock, address):
    if address is None or sock.family == getattr(socket, "AF_UNIX", None):
        return
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        _refuse(event, address)
    _check_host(event, address[0], shown=address)


def _check_host(event, host, shown=None):
    """A host that packets would go to: loopback, by number or by a name of this machine."""
    address = _number(host)
    if address is None:
        _check_name(event, host, shown)
    elif not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
        _refuse(event, shown or host)


def _check_name(event, name, shown=None):
    """A name to look up; a number needs no name server, and this machine's own name is asked for by aiosmtpd."""
    if name is None or _number(name) is not None:
        return
    text = name.decode("ascii", "replace") if isinstance(name, (bytes, bytearray)) else str(name)
    if text.rstrip(".").lower() not in {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}:
        _refuse(event, shown or name)


def _number(host):
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, (bytes, bytearray)) else host.partition("%")[0])
    except (ValueError, AttributeError):
        return None


def _refuse(event, where):
    what = f"{event} {where!r}"
    if path := os.environ.get(LOG):
        with open(path, "a", encoding="utf-8") as log:  # noqa: PTH123
            log.write(f"{what} by {os.path.basename(sys.argv[0] or sys.executable)}\n")  # noqa: PTH119
    raise BeyondLoopback(f"{what} leaves this machine. Tests reach 127.0.0.1, ::1 and Unix sockets only.")
