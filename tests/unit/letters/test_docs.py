"""docs/letters.md: its examples make a letter, and its tables say everything that the room knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from outreach.letters.filters import FILTERS
from outreach.letters.grammar import CHASER_NAMES, DEMAND_PARTS, DIGEST_NAMES, SUPPORTER_NAMES
from outreach.letters.head import DEMAND_KEYS, FRAME_KEYS

PAGE = (Path(__file__).parents[3] / "docs" / "letters.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- (\S+) -->\n```markdown\n(.*?)```\n", PAGE, re.DOTALL))


def test_the_examples_of_the_docs_make_a_letter(workspace: Any) -> None:
    """Who copies them has a letter without a fault."""
    assert len(EXAMPLES) == 2
    for path, text in EXAMPLES.items():
        file = workspace.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    workspace.demands.append("example-demand")
    assert {one.code for one in workspace.problems()} == {"not-reviewed"}
    said = {role: " ".join(workspace.text(role=role).split()) for role in ("mfa", "licensing_authority")}
    assert "Will your Government see to that?" in said["mfa"]
    assert "Will your authority publish those that it grants?" in said["licensing_authority"]


def test_the_docs_name_everything_a_letter_may_use() -> None:
    """Names, their parts, filters and keys of heads."""
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    said = set(re.findall(r"`([^`]+)`", prose))
    said |= {part.removeprefix(".") for part in said} | {part.partition(".")[2] for part in said}
    names = {**CHASER_NAMES, **SUPPORTER_NAMES, **DIGEST_NAMES}
    parts = {part for known in (CHASER_NAMES, SUPPORTER_NAMES) for parts in known.values() for part in parts or ()}
    everything = {*FILTERS, *DEMAND_PARTS, *DEMAND_KEYS, *FRAME_KEYS, *parts}
    assert everything <= said
    assert all(re.search(rf"`{name}\b", PAGE) for name in names)
