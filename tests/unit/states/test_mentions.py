"""States named in a text."""

from __future__ import annotations

import pytest

from outreach.states import mentioned_states

CASES = [
    pytest.param("We write to Bulgaria's ministry.", "en", {"BG"}, id="possessive"),
    pytest.param("BULGARIA and bulgaria", "en", {"BG"}, id="capitals and small letters"),
    pytest.param("Bulgarian export law", "en", set(), id="an adjective is no name"),
    pytest.param("Papua New Guinea", "en", {"PG"}, id="Papua New Guinea is not Guinea"),
    pytest.param("Guinea and Guinea-Bissau", "en", {"GN", "GW"}, id="Guinea and Guinea-Bissau"),
    pytest.param("Equatorial Guinea", "en", {"GQ"}, id="Equatorial Guinea is not Guinea"),
    pytest.param("Niger, not Nigeria's neighbour", "en", {"NE", "NG"}, id="Niger and Nigeria"),
    pytest.param("Nigeria", "en", {"NG"}, id="Nigeria is not Niger"),
    pytest.param("South Sudan", "en", {"SS"}, id="South Sudan is not Sudan"),
    pytest.param("the Democratic Republic of the Congo", "en", {"CD"}, id="the longer Congo"),
    pytest.param("Dominican Republic", "en", {"DO"}, id="Dominican Republic is not Dominica"),
    pytest.param("a chad, cold turkey, fine china, the jordan", "en", set(), id="words in small letters"),
    pytest.param("Chad, Turkey, China, Jordan", "en", {"TD", "TR", "CN", "JO"}, id="the same with capitals"),
    pytest.param("Georgia", "en", {"GE"}, id="Georgia is kept"),
    pytest.param("they told us", "en", set(), id="us is not the US"),
    pytest.param("the US, the U.S. and the UK", "en", {"US", "GB"}, id="abbreviations in capitals"),
    pytest.param("New Jersey, New Mexico, Northern Ireland", "en", set(), id="names inside other names"),
    pytest.param("Côte d’Ivoire; Cote d'Ivoire; Ivory Coast", "en", {"CI"}, id="apostrophes"),
    pytest.param("United\n  Arab Emirates", "en", {"AE"}, id="over a line end"),
    pytest.param("Burma, Swaziland, Macedonia", "en", {"MM", "SZ", "MK"}, id="variants"),
    pytest.param("Kosovo", "en", {"XK"}, id="Kosovo is not Serbia"),
    pytest.param("Myanmar (Burma)", "en", {"MM"}, id="both names at once"),
    pytest.param("Examplia writes to Specimenia", "en", {"QM", "QN"}, id="invented states"),
    pytest.param("", "en", set(), id="empty"),
    pytest.param("Deutschland und Bulgaria", "de", {"DE", "BG"}, id="German and English names"),
    pytest.param("Großbritannien, Elfenbeinküste", "de", {"GB", "CI"}, id="German variants"),
    pytest.param("Deutschland", "en", set(), id="German in an English letter is not looked for"),
    pytest.param("le Niger et la Birmanie", "fr", {"NE", "MM"}, id="French"),
    pytest.param("un niger, une chine", "fr", set(), id="other languages want capitals"),
    pytest.param("İsrail, İSRAİL, ISRAIL", "tr", {"IL"}, id="Turkish i with and without a dot"),
    pytest.param("ABD ve Türkiye'nin", "tr", {"US", "TR"}, id="Turkish endings after an apostrophe"),
    pytest.param("България и Турция", "bg", {"BG", "TR"}, id="Cyrillic"),
    pytest.param("تكتب إلى مصر وإسرائيل وبالمغرب", "ar", {"EG", "IL", "MA"}, id="Arabic words written together"),
    pytest.param("בישראל ובירדן", "he", {"IL", "JO"}, id="Hebrew prefixes"),
    pytest.param("索马里与印度尼西亚", "zh", {"SO", "ID"}, id="Chinese: neither Mali nor India"),
    pytest.param("马里兰州", "zh", set(), id="Chinese: Maryland is not Mali"),
    pytest.param(
        "日本ペルー協会とソマリア、チリソース", "ja", {"JP", "PE", "SO"}, id="Japanese: chili sauce is not Chile"
    ),
    pytest.param("大日本 and Bulgarian", "ja", {"JP"}, id="Latin words keep their ends in Japanese"),
    pytest.param("Bulgária e Itália", "pt-BR", {"BG", "IT"}, id="a regional tag"),
    pytest.param("Bulgaria", "tlh", {"BG"}, id="a language that CLDR lacks"),
]


@pytest.mark.parametrize(("text", "language", "expected"), CASES)
def test_states_named_in_a_text_are_found(text: str, language: str, expected: set[str]) -> None:
    """Whole words, the longest name first, in English and in the letter's language."""
    assert mentioned_states(text, language) == expected
