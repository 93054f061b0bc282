"""Where the shipped example still stands in a campaign file: a rehearsal may go with it, nothing live."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from outreach.campaigns.lines import Key

_REPLACE_ME = re.compile(r"(?<![^\W_])replace[\s_-]*me(?![^\W_])", re.IGNORECASE)
# RFC 2606 and 6761: names that never belong to anybody.
_NOBODYS = re.compile(r"(?:[@.]|//)(?:example|example\.(?:com|net|org))(?:[/:]|$)", re.IGNORECASE)
_OURS = ("email", "reply_to", "bounce_to", "website")  #: of the sender: where an answer would have to arrive


def placeholder_keys(values: Mapping[str, Any]) -> Iterator[Key]:
    """The keys whose text asks to be replaced, or whose address belongs to nobody."""
    for key, text in _texts((), values):
        nobodys = key[0] == "sender" and key[-1] in _OURS and _NOBODYS.search(text.strip())
        if nobodys or _REPLACE_ME.search(text):
            yield key


def _texts(key: Key, value: object) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts((*key, name), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts((*key, index), inner)
