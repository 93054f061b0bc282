"""The test suite cannot leave this machine."""

import asyncio
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import loopback_only
import pytest

ELSEWHERE = "192.0.2.1"  # RFC 5737: documentation only
ELSEWHERE_6 = "2001:db8::1"  # RFC 3849

WAYS_OUT = {
    "tcp": f"socket.create_connection(({ELSEWHERE!r}, 9), timeout=1)",
    "tcp-connect": f"socket.socket().connect(({ELSEWHERE!r}, 9))",
    "tcp-connect_ex": f"socket.socket().connect_ex(({ELSEWHERE!r}, 9))",
    "tcp-by-name": "socket.socket().connect(('smtp.example.org', 25))",
    "tcp-ipv6": f"socket.socket(socket.AF_INET6).connect(({ELSEWHERE_6!r}, 9))",
    "tcp-mapped": f"socket.socket(socket.AF_INET6).connect(('::ffff:{ELSEWHERE}', 9))",
    "tcp-below-socket": f"__import__('_socket').socket().connect(({ELSEWHERE!r}, 9))",
    "tcp-asyncio": f"__import__('asyncio').run(__import__('asyncio').open_connection({ELSEWHERE!r}, 9))",
    "udp-sendto": f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ({ELSEWHERE!r}, 9))",
    "udp-sendto-flags": f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', 0, ({ELSEWHERE!r}, 9))",
    "udp-sendmsg": f"socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ({ELSEWHERE!r}, 9))",
    "udp-connect": f"socket.socket(type=socket.SOCK_DGRAM).connect(({ELSEWHERE!r}, 9))",
    "dns-getaddrinfo": "socket.getaddrinfo('smtp.example.org', 25)",
    "dns-gethostbyname": "socket.gethostbyname('smtp.example.org')",
    "dns-reverse": f"socket.gethostbyaddr({ELSEWHERE!r})",
    "dns-nameinfo": f"socket.getnameinfo(({ELSEWHERE!r}, 9), 0)",
    "listening-to-the-world": "socket.socket().bind(('0.0.0.0', 0))",
}


@pytest.fixture
def forgiven():
    """The guard's memory, emptied before it can fail the test that provoked it on purpose."""
    yield loopback_only.forget
    loopback_only.forget()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the sockets die as they are refused
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT)
def test_a_way_out_is_refused_and_written_down(way, forgiven):
    """Every kind of connect, datagram and look-up beyond loopback raises and is remembered."""
    with pytest.raises(loopback_only.BeyondLoopback, match="leaves this machine"):
        eval(way)
    assert len(forgiven()) == 1


@pytest.mark.parametrize("way", ["tcp", "udp-sendto", "dns-getaddrinfo"])
def test_a_child_process_is_guarded_too(way, forgiven):
    """A Python started by a test meets the same wall, and this process hears of it."""
    child = subprocess.run(
        [sys.executable, "-c", f"import socket; {WAYS_OUT[way]}"], capture_output=True, text=True, check=False
    )
    assert child.returncode == 1
    assert "BeyondLoopback" in child.stderr
    assert [line.split()[0] for line in forgiven()] == [f"socket.{way.partition('-')[2] or 'connect'}"]


def test_a_swallowed_attempt_still_fails_its_test(tmp_path):
    """Code that catches every exception cannot hide an attempt from the guard, nor can a child process."""
    tests = Path(__file__).parents[1]
    shutil.copy(tests / "conftest.py", tmp_path)
    for folder in ("support", "servers"):
        shutil.copytree(tests / folder, tmp_path / folder)
    (tmp_path / "test_swallows.py").write_text(
        "import contextlib, socket, subprocess, sys\n"
        f"WAY = {WAYS_OUT['tcp']!r}\n"
        "def test_swallows():\n    with contextlib.suppress(Exception):\n        eval(WAY)\n"
        "def test_child():\n    subprocess.run([sys.executable, '-c', 'import socket;' + WAY], stderr=-3)\n"
        "def test_after():\n    pass\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", ".", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 failed, 1 passed" in run.stdout
    assert run.stdout.count("tried to leave the machine: socket.connect ('192.0.2.1', 9)") >= 2


def test_loopback_and_unix_sockets_are_free(tmp_path):
    """What the tests need is there: TCP and UDP on loopback, by number and name, asyncio, Unix sockets."""

    async def talk():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.close()
            await writer.wait_closed()

    asyncio.run(talk())
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        one.bind(("127.0.0.1", 0))
        two.sendto(b"x", one.getsockname())
        assert one.recv(1) == b"x"
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
    assert socket.getfqdn()
