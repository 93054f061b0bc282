"""Leave one source out: each source's mails are judged without the words that none but that source's mails show.

An alternative of a family's or a reason's pattern counts as learnt from a source when it is found in mails of that
source and of no other; whoever wrote it may have had another reason. What is found in no mail here stays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from outreach.rules import bounce_words, bounces


def alternatives(pattern: str) -> list[str]:
    """The parts of a pattern between its outermost bars."""
    parts, depth, at, in_class = [""], 0, 0, False
    while at < len(pattern):
        one = pattern[at]
        if one == "\\":
            parts[-1] += pattern[at : at + 2]
            at += 2
            continue
        if in_class:
            in_class = one != "]"
        elif one == "[":
            in_class = True
        depth += (one == "(") - (one == ")") if not in_class else 0
        if one == "|" and not depth and not in_class:
            parts.append("")
        else:
            parts[-1] += one
        at += 1
    return parts


def sources_of(texts: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Alternative -> the sources in whose texts it is found. `texts`: source -> what its mails say."""
    every = {part for table in (bounces.FAMILIES, bounce_words.REASONS) for one in table for part in _parts(one)}
    found: dict[str, set[str]] = defaultdict(set)
    for part in every:
        words = re.compile(part, re.IGNORECASE)
        for source, several in texts.items():
            if any(words.search(text) for text in several):
                found[part].add(source)
    return found


@contextmanager
def without(source: str, found: Mapping[str, set[str]]) -> Iterator[int]:
    """While it lasts the rules know nothing that only this source shows; how many alternatives that are."""
    own = {part for part, sources in found.items() if sources == {source}}
    before = bounces.FAMILIES, bounce_words.REASONS
    bounces.FAMILIES = tuple(_less(before[0], own))
    bounce_words.REASONS = tuple(_less(before[1], own))
    try:
        yield len(own)
    finally:
        bounces.FAMILIES, bounce_words.REASONS = before


def judged(
    rows: list[dict[str, Any]],
    texts: Mapping[str, Iterable[str]],
    judge: Callable[[list[dict[str, Any]]], dict[str, dict[str, Any]]],
) -> tuple[dict[str, dict[str, Any]], dict[str, int]]:
    """Every row judged without its own source's words; and how many alternatives each source took away."""
    found = sources_of(texts)
    answers: dict[str, dict[str, Any]] = {}
    taken: dict[str, int] = {}
    for source in texts:
        with without(source, found) as count:
            answers |= judge([row for row in rows if row["source"] == source])
        taken[source] = count
    return answers, taken


def _parts(one: Any) -> list[str]:
    return alternatives(one.words.pattern)


def _less(table: Iterable[Any], own: set[str]) -> Iterator[Any]:
    for one in table:
        left = [part for part in _parts(one) if part not in own]
        if left:
            yield replace(one, words=re.compile("|".join(left), re.IGNORECASE))
