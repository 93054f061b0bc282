"""A name server of one's own: TXT records of invented domains, over UDP on this machine alone."""

import socket
import threading
from collections.abc import Mapping
from typing import Self

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset

HOST = "127.0.0.1"


class NameServer:
    """A context manager. What is not in `texts` does not exist; `asked` says what it was asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        self._door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._door.bind((HOST, 0))
        self.port = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HOST, self.port))
        self._thread.join(10)
        self._door.close()

    def resolver(self) -> dns.resolver.Resolver:
        """One that asks this server and no other, whatever the machine's own settings are."""
        made = dns.resolver.Resolver(configure=False)
        made.nameservers = [HOST]
        made.port = self.port
        return made

    def _serve(self) -> None:
        while True:
            wire, whence = self._door.recvfrom(4096)
            if not wire:
                return
            self._door.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), whence)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        answer = dns.message.make_response(query, recursion_available=True)
        answer.flags |= dns.flags.AA
        if name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", _strings(self.texts[name])))
        return answer


def _strings(text: str) -> str:
    """A record as its strings of 255 bytes at most (RFC 1035 3.3): a key is longer than one."""
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))
