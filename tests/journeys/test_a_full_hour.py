"""The hour of a campaign's page is full: whoever comes reads when to come back, and the organisers how many did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.public import Page, Person, lay_out, open_to_all, served

Outreach = Callable[..., Any]


def write(page: Page, number: int) -> tuple[int, str, str | None]:
    words = f"I ask what you do about it, and this is letter {number}."
    got = page.write(Person(name="Ada Canary", email=f"ada{number}@home.example", words=words, targets=("qm-mfa-1",)))
    return got.status, got.text, got.headers["Retry-After"]


@pytest.mark.timeout(120)
def test_who_finds_the_hour_full_keeps_their_words_and_is_counted(workspace: Path, outreach: Outreach) -> None:
    """By `forms_per_hour` of the campaign file; raised there it takes more, without another approval."""
    lay_out(workspace, terms="forms_per_hour = 2")
    open_to_all(outreach)
    assert "0 of 2 forms in the last hour.\n" in outreach("supporters", "status", "public").out
    with served(workspace) as page:
        assert [write(page, number)[0] for number in range(2)] == [303, 303]
        for number in (2, 3):
            status, text, again = write(page, number)
            assert (status, again) == (429, "3600")
            assert "Nothing was sent, and your words are still here: try again in an hour." in text
            assert f"this is letter {number}." in text
    said = " ".join(outreach("supporters", "status", "public").out.split())
    assert "2 of 2 forms in the last hour. 2 forms turned away in the last day: the hour was full." in said
    assert "raise forms_per_hour in [supporters]" in said
    lay_out(workspace, terms="forms_per_hour = 3")
    with served(workspace) as page:
        assert write(page, 2)[0] == 303
    assert "3 of 3 forms in the last hour.\n" in outreach("supporters", "status", "public").out
