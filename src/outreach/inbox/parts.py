"""A mail's parts, split by hand: within caps, in linear time, without recursion (RFC 2046 5.1)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from outreach.inbox import head
from outreach.inbox.charset import decode
from outreach.inbox.words import fit

DEEPEST = 20
MOST_PARTS = 200
LARGEST_TEXT = 400_000  #: bytes of one part that are read as text


@dataclass(slots=True)
class Part:
    """One leaf. `body` is as it came over the wire, without its transfer encoding undone."""

    kind: str  #: the content type
    parameters: dict[str, str]
    fields: head.Fields
    body: bytes
    path: tuple[str, ...]  #: the types of the multiparts around it, the outermost first
    place: int  #: in the innermost of them
    data: bytes = field(init=False)
    name: str = field(init=False)  #: the file name that it gives, without a path and what could confuse a reader
    attached: bool = field(init=False)  #: it says that it is no text of the mail itself

    def __post_init__(self) -> None:
        self.data = undone(self.body, self.first("content-transfer-encoding"))
        self.name = self._name()
        self.attached = self.first("content-disposition").lower().startswith("attachment") or bool(
            self.name and self.kind != "text/plain" and not self.kind.startswith("message/")
        )

    def first(self, name: str) -> str:
        """A field's first value, or ""."""
        return self.fields.get(name, ("",))[0]

    @property
    def text(self) -> str:
        """The part as words, its lines ending in LF."""
        said = decode(self.data[:LARGEST_TEXT], self.parameters.get("charset", ""), guess=self.place < 5)
        return said.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")

    def _name(self) -> str:
        said = self.fields.get("content-disposition", ())
        given = head.parameters("; ".join(said))[1].get("filename", "") if said else ""
        given = given or self.parameters.get("name", "")
        return fit(re.split(r"[/\\]", given)[-1]) if given else ""


def leaves(fields: head.Fields, body: bytes) -> tuple[list[Part], list[str]]:
    """The leaves in their order, and what is wrong with the mail. A mail within the mail is a leaf."""
    found: list[Part] = []
    defects: list[str] = []
    todo: list[tuple[head.Fields, bytes, tuple[str, ...], int]] = [(fields, body, (), 0)]
    seen = 0
    while todo:
        fields, body, path, place = todo.pop()
        seen += 1
        if seen > MOST_PARTS:
            defects.append(f"more than {MOST_PARTS} parts")
            break
        default = "message/rfc822" if path and path[-1] == "multipart/digest" else "text/plain"
        kind, parameters = head.parameters(fields.get("content-type", ("",))[0][:2_000])
        kind = kind if "/" in kind else default
        inner = _split(body, parameters.get("boundary", "")) if kind.startswith("multipart/") else None
        if inner is not None and len(path) < DEEPEST:
            todo += reversed([(*head.split(one)[:2], (*path, kind), n) for n, one in enumerate(inner)])
            continue
        if kind.startswith("multipart/"):
            defects.append(f"nested deeper than {DEEPEST}" if inner else f"{kind} without its boundary")
            kind = "text/plain" if not inner else "application/octet-stream"
        found.append(Part(kind, parameters, fields, body, path, place))
    return found, defects


def undone(body: bytes, encoding: str) -> bytes:
    """The transfer encoding undone (RFC 2045 6); an unknown one is left as it stands."""
    name = encoding.strip().lower().split(" ")[0].split(";")[0]
    if name == "base64":
        return head.unbase64(body)
    if name == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def _split(body: bytes, boundary: str) -> list[bytes] | None:
    """What lies between the boundary's lines; None where there is none."""
    mark = boundary.strip().encode("utf-8", "replace")
    if not mark or b"--" + mark not in body:
        return None
    cuts: list[bytes] = []
    start = -1
    for at in _lines_with(b"--" + mark, body):
        stop = body.find(b"\n", at)
        stop = len(body) if stop < 0 else stop
        rest = body[at + 2 + len(mark) : stop].rstrip()
        if rest not in {b"", b"--"}:
            continue  # a longer boundary that begins like ours
        if start >= 0:
            cuts.append(body[start : max(start, at - 1)])
        start = stop + 1
        if rest or len(cuts) > MOST_PARTS:
            return cuts
    if start >= 0:
        cuts.append(body[start:])
    return cuts or None


def _lines_with(mark: bytes, body: bytes) -> Iterator[int]:
    """Where lines begin with this."""
    if body.startswith(mark):
        yield 0
    at = body.find(b"\n" + mark)
    while at >= 0:
        yield at + 1
        at = body.find(b"\n" + mark, at + 1)
