"""Languages, time zones and directions of writing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from outreach.states import default_timezone, find_state, official_languages, text_direction
from outreach.states.data import data


@pytest.mark.parametrize(
    ("code", "languages"),
    [
        pytest.param("BE", ("nl", "fr", "de"), id="Belgium"),
        pytest.param("CH", ("de", "fr", "it", "rm"), id="Switzerland without its dialects"),
        pytest.param("IL", ("he",), id="Israel since 2018"),
        pytest.param("CA", ("en", "fr"), id="Canada"),
        pytest.param("FI", ("fi", "sv"), id="Finland"),
        pytest.param("US", ("en",), id="in fact, by no law"),
        pytest.param("RS", ("sr",), id="one language in two scripts"),
        pytest.param("UA", ("uk",), id="Ukraine"),
        pytest.param("TW", ("zh-Hant",), id="with a script"),
        pytest.param("LU", ("fr", "de", "lb"), id="Luxembourg"),
        pytest.param("QM", ("en",), id="invented"),
        pytest.param("??", (), id="no state"),
    ],
)
def test_official_languages_come_most_used_first(code: str, languages: tuple[str, ...]) -> None:
    """BCP 47 tags in the order in which a letter tries them."""
    assert official_languages(code) == languages


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        pytest.param("BG", "Europe/Sofia", id="one zone"),
        pytest.param("US", "America/New_York", id="Washington"),
        pytest.param("RU", "Europe/Moscow", id="Moscow"),
        pytest.param("AU", "Australia/Sydney", id="Canberra"),
        pytest.param("KZ", "Asia/Almaty", id="Astana"),
        pytest.param("EC", "America/Guayaquil", id="Quito, not the Galapagos"),
        pytest.param("XK", "Europe/Belgrade", id="Kosovo has no zone of its own"),
        pytest.param("PS", "Asia/Hebron", id="Ramallah"),
        pytest.param("??", "UTC", id="no state"),
    ],
)
def test_the_zone_is_the_capitals(code: str, zone: str) -> None:
    """Ministries sit in the capital."""
    assert default_timezone(code) == zone


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        *[(tag, "rtl") for tag in ("ar", "ar-EG", "he", "fa", "ur", "ps", "dv", "ckb", "az-Arab", "uz_Arab")],
        *[(tag, "ltr") for tag in ("en", "bg", "zh-Hant", "az", "ku", "cnr", "ar-Latn", "xx", "")],
    ],
)
def test_a_language_is_written_in_its_scripts_direction(language: str, direction: str) -> None:
    """The tag's script decides, then the language; an unknown language is written from the left."""
    assert text_direction(language) == direction


def test_every_state_speaks_and_has_a_clock() -> None:
    """No state without a language, and no zone that the tz database lacks."""
    for code in data().states:
        assert find_state(code) == code
        assert official_languages(code)
        assert ZoneInfo(default_timezone(code))
