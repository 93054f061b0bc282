"""Strangers: they reach the pages over a real socket, and say in their headers whatever they like."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

#: A form that is right in every field.
FILLED: Mapping[str, Any] = {
    "targets": ["qm-mfa"],
    "email": "ada@mail.example",
    "name": "Ada Person",
    "place": "Townville",
    "words": "My brother is a journalist, and I am afraid for him every day.",
    "agreed": "yes",
    "language": "en",
}


@dataclass
class Got:
    """An answer, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def field(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, self.text
        return unescape(found[1])


@dataclass
class Visitor:
    """Speaks HTTP to the page as whoever it likes to be."""

    port: int
    it: Any = None  #: the SupporterDesk behind the page, where it is in this process
    campaign: str = "moratorium"
    home: str = ""  #: the page's address as the world sees it, where a proxy stands in front

    @property
    def site(self) -> str:
        return self.home or f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Got:
        """Ask for a path of the campaign, or for one that begins with a slash."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        path = path if path.startswith("/") else f"/{self.campaign}/{path}"
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        got = Got(answer.status, answer.msg, answer.read())
        connection.close()
        return got

    def get(self, path: str = "", **headers: str) -> Got:
        return self.ask("GET", path, headers=_named(headers))

    def post(self, path: str = "", fields: Mapping[str, Any] | None = None, **headers: str) -> Got:
        """As a browser sends our own form; a header that is "" is left out."""
        given = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site, **_named(headers)}
        body = urlencode(fields or {}, doseq=True).encode()
        return self.ask("POST", path, body, {name: value for name, value in given.items() if value})

    def preview(self, **changed: Any) -> Got:
        """Fill in a new form, and look at its letters."""
        return self.post(fields={**FILLED, "stamp": self.get().field("stamp"), "do": "preview", **changed})

    def send(self, headers: Mapping[str, str] | None = None, **changed: Any) -> Got:
        """Fill in a new form, and send it."""
        fields = {**FILLED, "stamp": self.get().field("stamp"), "do": "send", **changed}
        return self.post(fields=fields, **(headers or {}))

    def path_of(self, link: str) -> str:
        assert link.startswith(self.site)
        return urlsplit(link).path


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
