"""What `check` finds in the frames of supporters' letters, and only where a campaign has supporters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outreach.errors import LetterError
from outreach.letters import LetterRoom, SupporterLetterRoom
from outreach.model.campaign import Demand
from outreach.model.problem import Problem, Severity
from support.crowd import ROOT, campaign, target

COPY = """{{ salutation }}

{% for demand in demands %}
- {{ demand.title }}
{% endfor %}

{{ words }}

{{ [supporter.name, supporter.place]|lines }}

Sent through {{ sender.organisation }}.
"""
DIGEST = """{{ count }} people ask:

{% for demand in demands %}
- {{ demand.title }}
{% endfor %}

{% for quote in quotes %}
> {{ quote }}

{% endfor %}
Sent through {{ sender.organisation }}.
"""
HEAD = 'subject = "An ask"\nreviewed_by = "N. N."\nneutral_salutation = "Dear all"\nsalutation_mark = ","\n'


def found(workspace: Any, *, supporters: bool = True) -> list[Problem]:
    it = campaign(demands=(Demand(slug="ask", title="Ask"),))
    if not supporters:
        it = workspace.campaign()
    return LetterRoom(workspace.root).problems(it)


@pytest.fixture
def frames(workspace: Any) -> Any:
    """A workspace with everything that supporters' letters need."""
    workspace.demand("Will you?")
    workspace.write("supporter", "en", HEAD, COPY)
    workspace.write("digest", "en", HEAD, DIGEST)
    return workspace


def test_good_frames_have_no_findings(frames: Any) -> None:
    assert found(frames) == []


def test_frames_of_supporters_are_looked_at_only_where_supporters_write(frames: Any) -> None:
    """Another campaign of the workspace does not need them."""
    frames.write("supporter", "en", HEAD, "{{ nonsense")
    (frames.root / "templates/letters/digest/en.md").unlink()
    assert found(frames, supporters=False) == []
    assert {(one.code, one.place.path) for one in found(frames)} == {
        ("template-syntax", "templates/letters/supporter/en.md"),
        ("missing-template", "templates/letters/digest"),
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "said"),
    [
        ("supporter", "{{ words }}", "Words.", "left-out", "never says `words`"),
        ("supporter", "{{ sender.organisation }}", "us", "left-out", "never says `sender.organisation`"),
        ("supporter", "[supporter.name, supporter.place]", "[supporter.place]", "left-out", "`supporter.name`"),
        ("supporter", "{{ words }}", "I say: {{ words }}", "supporters-letter", "in a line with other words"),
        ("supporter", "{{ words }}", "Hello\\\n{{ words }}", "supporters-letter", "in a line with other words"),
        ("supporter", "- {{ demand.title }}", "- it", "supporters-letter", 'does not name the demand "ask"'),
        ("supporter", "{{ salutation }}", "{{ date }}", "undefined", "`date` is not known"),
        ("supporter", "{{ salutation }}", "{{ sender.reply_to }}", "undefined", "`sender.reply_to` is not known"),
        ("supporter", "{{ salutation }}", "{{ supporter.email }}", "undefined", "`supporter.email` is not known"),
        ("supporter", "{{ salutation }}", "{{ sender.phone }}", "supporters-letter", "`sender.phone` is empty"),
        ("supporter", "{{ salutation }}", "{{ supporter }}", "supporters-letter", "`supporter` is empty, or no text"),
        ("supporter", "{{ salutation }}", "{{ 1 // 0 }}", "supporters-letter", "cannot be rendered"),
        ("supporter", "{{ words }}", "[x]({{ words }})", "value-in-link", "must say where"),
        ("supporter", "Sent", "<b>Sent", "html-in-template", "is HTML"),
        ("digest", "{{ count }}", "Many", "left-out", "never says `count`"),
        ("digest", "> {{ quote }}", "> He says {{ quote }}", "supporters-letter", "in a line with other words"),
        ("digest", "{{ count }}", "{{ count }} {{ words }}", "undefined", "`words` is not known"),
        ("digest", "{{ count }}", "{{ count }} {{ row.x }}", "undefined", "`row` is not known"),
        (
            "digest",
            "Sent",
            "{% for one in signers %}{{ one.email }}{% endfor %}Sent",
            "supporters-letter",
            "signer.email",
        ),
    ],
)
def test_a_frame_that_would_write_a_wrong_letter_is_a_fault(
    frames: Any, name: str, old: str, new: str, code: str, said: str
) -> None:
    """Found by `check`, at the frame, before any supporter has written."""
    text = COPY if name == "supporter" else DIGEST
    assert old in text
    frames.write(name, "en", HEAD, text.replace(old, new))
    problems = [one for one in found(frames) if one.place.path == f"templates/letters/{name}/en.md"]
    assert any(one.code == code and said in one.found for one in problems), problems
    assert {one.severity for one in problems} == {Severity.FAULT}


def test_a_letter_that_cannot_be_written_says_where(frames: Any) -> None:
    """The room itself refuses it too."""
    frames.write("supporter", "en", HEAD, COPY.replace("{{ salutation }}", "{{ sender.phone }}"))
    asking = campaign(demands=(Demand(slug="ask", title="Ask"),))
    with pytest.raises(
        LetterError, match=r"Ministry of Foreign Affairs cannot be written: `sender\.phone` is empty"
    ) as it:
        SupporterLetterRoom(frames.root).fixed_parts(asking, target(demands=("ask",)))
    assert it.value.where == "templates/letters/supporter/en.md:7"


def test_a_language_without_supporters_frames_is_warned_of(frames: Any) -> None:
    """Letters exist in it, and copies do not."""
    frames.demand("Voulez-vous ?", language="fr")
    frames.frame(language="fr")
    lacking = [one for one in found(frames) if one.code == "missing-language"]
    assert [one.place.path for one in lacking] == ["templates/letters/supporter", "templates/letters/digest"]
    it = campaign(demands=(Demand(slug="ask", title="Ask"),))
    assert SupporterLetterRoom(frames.root).languages(it) == {"ask": frozenset({"en"})}


def test_a_file_that_nobody_gets_is_warned_of(frames: Any) -> None:
    """Its name is no language."""
    frames.write("digest", "english", HEAD, DIGEST)
    assert [one.place.path for one in found(frames)] == ["templates/letters/digest/english.md"]


def test_the_shipped_frames_have_no_faults() -> None:
    """Only a native speaker's review is open."""
    problems = LetterRoom(ROOT).problems(campaign())
    assert [one.code for one in problems] == ["not-reviewed"]
    assert "supporter, digest" in problems[0].found


@pytest.mark.parametrize("name", ["supporter", "digest"])
def test_the_shipped_frames_add_no_fact(name: str) -> None:
    """They cite the published letter in the words of the campaign's own frame."""
    own = (ROOT / f"templates/letters/{name}/en.md").read_text(encoding="utf-8")
    frame = Path(ROOT / "templates/letters/frame/en.md").read_text(encoding="utf-8")
    flat = " ".join(own.split())
    assert (
        "*calling on states to implement an immediate moratorium on the sale, transfer and use of surveillance" in flat
    )
    assert {word for word in flat.split() if word.strip(".,").isdigit()} <= set(frame.split())
