"""A wire that a test can cut: bytes go through to a server on this machine until they do not."""

import contextlib
import socket
import threading
from typing import Self

HOST = "127.0.0.1"


class Relay:
    """A context manager in front of a port. Cut, it closes every connection and takes no new one."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self._last_words = b""
        self.port = 0

    def __enter__(self) -> Self:
        self.restore()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def restore(self) -> None:
        """Take connections, at the same port as before."""
        with self._lock:
            if self._listener is None:
                self._listener = socket.create_server((HOST, self.port), reuse_port=False)
                self.port = self._listener.getsockname()[1]
                self._start(self._listen, self._listener)

    def cut(self) -> None:
        """The network is gone: whoever writes or reads finds the connection closed, whoever calls is refused."""
        with self._lock:
            if self._listener is not None:
                with contextlib.suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
                self._listener.close()
                self._listener = None
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _close(pair)

    def cut_at_answer_to(self, words: bytes) -> None:
        """Let the next message that holds these words through, and cut instead of bringing its answer back."""
        self._last_words = words

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((HOST, self._to))
            except OSError:
                near.close()
                continue
            pair = near, far
            heard = threading.Event()
            for sock in pair:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                alive = self._listener is listener
                if alive:
                    self._pairs.append(pair)
            if not alive:
                _close(pair)
                return
            self._start(self._ask, pair, heard)
            self._start(self._answer, pair, heard)

    def _ask(self, pair: tuple[socket.socket, socket.socket], heard: threading.Event) -> None:
        near, far = pair
        with contextlib.suppress(OSError):
            while data := near.recv(65_536):
                if self._last_words and self._last_words in data:
                    self._last_words = b""
                    heard.set()
                far.sendall(data)
        _close(pair)

    def _answer(self, pair: tuple[socket.socket, socket.socket], heard: threading.Event) -> None:
        near, far = pair
        with contextlib.suppress(OSError):
            while data := far.recv(65_536):
                if heard.is_set():
                    self.cut()
                    return
                near.sendall(data)
        _close(pair)

    def _start(self, work: object, *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()


def _close(pair: tuple[socket.socket, socket.socket]) -> None:
    for sock in pair:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
