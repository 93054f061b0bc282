"""Which languages an institution is written in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import CoOfficial, Languages
from outreach.model.contact import Institution
from outreach.rules.languages import best_match, choose_languages


def choose(
    *,
    own: tuple[str, ...] = (),
    official: tuple[str, ...] = (),
    available: dict[str, set[str]],
    state: str = "BE",
    demands: tuple[str, ...] | None = None,
    **languages: Any,
) -> tuple[str, ...]:
    return choose_languages(
        Institution(id="x", state=state, role="mfa", name="x", languages=own),
        official=official,
        languages=Languages(**languages),
        available={slug: frozenset(tags) for slug, tags in available.items()},
        demands=tuple(available) if demands is None else demands,
    )


CASES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "the sheet's first language": ({"own": ("fr", "nl"), "available": {"a": {"fr", "nl", "en"}}}, ("fr",)),
    "the sheet's second, if the first has no letters": (
        {"own": ("fr", "nl"), "available": {"a": {"nl", "en"}}},
        ("nl",),
    ),
    "the state's own, if the sheet says nothing": (
        {"official": ("nl", "fr"), "available": {"a": {"fr", "en"}}},
        ("fr",),
    ),
    "the sheet before the state": ({"own": ("en",), "official": ("nl",), "available": {"a": {"nl", "en"}}}, ("en",)),
    "the fallback": ({"own": ("fr",), "available": {"a": {"en"}}}, ("en",)),
    "the fallbacks in order": (
        {"own": ("ka",), "fallback": ("ru", "fr", "en"), "available": {"a": {"en", "fr"}}},
        ("fr",),
    ),
    "the region's language without the region": ({"own": ("pt-BR",), "available": {"a": {"pt", "en"}}}, ("pt",)),
    "the region's own before that": ({"own": ("pt-BR",), "available": {"a": {"pt", "pt-BR"}}}, ("pt-BR",)),
    "not another region's": ({"own": ("pt",), "available": {"a": {"pt-BR", "en"}}}, ("en",)),
    "one language for all demands": (
        {"own": ("fr", "nl"), "available": {"a": {"fr", "nl", "en"}, "b": {"nl", "en"}}},
        ("nl",),
    ),
    "the fallback for all demands": ({"own": ("fr",), "available": {"a": {"fr", "en"}, "b": {"en"}}}, ("en",)),
    "no language in common": ({"own": ("fr",), "available": {"a": {"fr"}, "b": {"en"}}}, ()),
    "a demand without letters": ({"own": ("fr",), "available": {"a": {"fr", "en"}}, "demands": ("a", "b")}, ()),
    "no demands": ({"own": ("fr",), "available": {"a": {"fr"}}, "demands": ()}, ()),
    "every official language": (
        {"official": ("nl", "fr", "de"), "available": {"a": {"fr", "nl", "en"}}, "co_official": CoOfficial.ALL},
        ("nl", "fr"),
    ),
    "the sheet's official languages in its order": (
        {
            "own": ("fr", "nl", "en"),
            "official": ("nl", "fr", "de"),
            "available": {"a": {"fr", "nl", "en"}},
            "co_official": CoOfficial.ALL,
        },
        ("fr", "nl"),
    ),
    "a courtesy language alone": (
        {"own": ("ar", "en"), "official": ("ar",), "available": {"a": {"en"}}, "co_official": CoOfficial.ALL},
        ("en",),
    ),
    "all, but only the fallback exists": (
        {"official": ("nl", "fr"), "available": {"a": {"en"}}, "co_official": CoOfficial.ALL},
        ("en",),
    ),
    "the campaign's word for the state": (
        {"own": ("fr",), "official": ("nl",), "by_state": {"BE": ("de", "en")}, "available": {"a": {"fr", "nl", "de"}}},
        ("de",),
    ),
    "the campaign's several words for the state": (
        {
            "official": ("nl",),
            "by_state": {"BE": ("en", "fr")},
            "available": {"a": {"fr", "nl", "en"}},
            "co_official": CoOfficial.ALL,
        },
        ("en", "fr"),
    ),
    "the campaign's word for another state": (
        {"own": ("fr",), "by_state": {"CH": ("de",)}, "available": {"a": {"fr", "de"}}},
        ("fr",),
    ),
}


@pytest.mark.parametrize(("given_", "wanted"), CASES.values(), ids=CASES.keys())
def test_the_language_of_a_letter(given_: dict[str, Any], wanted: tuple[str, ...]) -> None:
    """Its own where every demand has it, else the fallback chain, else none."""
    assert choose(**given_) == wanted


@pytest.mark.parametrize(
    ("wanted", "usable", "found"),
    [
        ("pt-BR", {"pt", "pt-BR"}, "pt-BR"),
        ("PT-br", {"pt-BR"}, "pt-BR"),
        ("pt_BR", {"pt"}, "pt"),
        ("zh-Hant-TW", {"zh", "zh-Hant"}, "zh-Hant"),
        ("sr-Latn-RS-x-private", {"sr-Latn-RS"}, "sr-Latn-RS"),
        ("en", {"e", "eng"}, None),
        ("", {"en"}, None),
    ],
)
def test_a_language_is_looked_up_from_its_longest_form(wanted: str, usable: set[str], found: str | None) -> None:
    """RFC 4647 3.4: subtags are dropped from the end, never added."""
    assert best_match(wanted, usable) == found


TAGS = st.sampled_from(["en", "fr", "nl", "de", "pt", "pt-BR", "ar"])


@given(
    own=st.lists(TAGS, max_size=3).map(tuple),
    official=st.lists(TAGS, max_size=3).map(tuple),
    available=st.dictionaries(st.sampled_from("abc"), st.sets(TAGS), min_size=1),
    co_official=st.sampled_from(CoOfficial),
    fallback=st.lists(TAGS, max_size=2).map(tuple),
)
def test_every_demand_exists_in_every_language_of_the_letter(**given_: Any) -> None:
    """No letter is planned in a language in which one of its demands was never written; no part comes twice."""
    chosen = choose(**given_)
    assert len(set(chosen)) == len(chosen)
    for tags in given_["available"].values():
        assert set(chosen) <= tags
    if given_["co_official"] is CoOfficial.FIRST:
        assert len(chosen) <= 1
