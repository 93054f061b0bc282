"""A cell that names a state is found; a cell that might name two is not."""

from __future__ import annotations

import unicodedata

import pytest
from babel import Locale

from outreach.states import find_state, state_name, states
from outreach.states.data import data

WELL_KNOWN = [
    ("Turkey", "TR"), ("Türkiye", "TR"), ("Turkiye", "TR"), ("TÜRKİYE", "TR"),
    ("Republic of Türkiye", "TR"), ("Burma", "MM"), ("Myanmar", "MM"), ("Myanmar (Burma)", "MM"),
    ("Birmanie", "MM"), ("UK", "GB"), ("U.K.", "GB"), ("Great Britain", "GB"), ("Britain", "GB"),
    ("United Kingdom", "GB"), ("United Kingdom of Great Britain and Northern Ireland", "GB"),
    ("the United Kingdom", "GB"), ("USA", "US"), ("U.S.A.", "US"), ("US", "US"), ("United States", "US"),
    ("United States of America", "US"), ("the United States of America", "US"), ("UAE", "AE"),
    ("U.A.E.", "AE"), ("United Arab Emirates", "AE"), ("Ivory Coast", "CI"), ("Côte d’Ivoire", "CI"),
    ("Cote d'Ivoire", "CI"), ("Côte D`Ivoire", "CI"), ("Swaziland", "SZ"), ("Eswatini", "SZ"),
    ("Kingdom of Eswatini", "SZ"), ("Macedonia", "MK"), ("North Macedonia", "MK"), ("FYROM", "MK"),
    ("The former Yugoslav Republic of Macedonia", "MK"), ("Czech Republic", "CZ"), ("Czechia", "CZ"),
    ("Slovak Republic", "SK"), ("Kosovo", "XK"), ("Kosova", "XK"), ("Kosovo*", "XK"),
    ("Republic of Kosovo", "XK"), ("XKX", "XK"), ("South Korea", "KR"), ("Korea, Republic of", "KR"),
    ("Republic of Korea", "KR"), ("Korea (South)", "KR"), ("North Korea", "KP"), ("DPRK", "KP"),
    ("Korea, Democratic People's Republic of", "KP"), ("Democratic People’s Republic of Korea", "KP"),
    ("Congo (Kinshasa)", "CD"), ("DRC", "CD"), ("DR Congo", "CD"),
    ("Congo, Democratic Republic of the", "CD"), ("Democratic Republic of the Congo", "CD"),
    ("Congo - Kinshasa", "CD"), ("Zaire", "CD"), ("Congo (Brazzaville)", "CG"),
    ("Republic of the Congo", "CG"), ("Congo, Republic of", "CG"), ("Vatican", "VA"), ("Holy See", "VA"),
    ("The Holy See", "VA"), ("Vatican City", "VA"), ("Saint-Siège", "VA"), ("East Timor", "TL"),
    ("Timor-Leste", "TL"), ("Timor Leste", "TL"), ("Cape Verde", "CV"), ("Cabo Verde", "CV"),
    ("Russia", "RU"), ("Russian Federation", "RU"), ("Iran", "IR"), ("Iran (Islamic Republic of)", "IR"),
    ("Iran, Islamic Republic of", "IR"), ("Bolivia (Plurinational State of)", "BO"),
    ("Venezuela, Bolivarian Republic of", "VE"), ("Micronesia (Federated States of)", "FM"),
    ("Tanzania, United Republic of", "TZ"), ("Moldova, Republic of", "MD"), ("Syria", "SY"),
    ("Syrian Arab Republic", "SY"), ("Laos", "LA"), ("Lao PDR", "LA"),
    ("Lao People's Democratic Republic", "LA"), ("Viet Nam", "VN"), ("Vietnam", "VN"),
    ("Brunei Darussalam", "BN"), ("Palestine", "PS"), ("State of Palestine", "PS"),
    ("Palestine, State of", "PS"), ("Taiwan", "TW"), ("Taiwan, Province of China", "TW"),
    ("Hong Kong", "HK"), ("Macau", "MO"), ("The Gambia", "GM"), ("Gambia, The", "GM"), ("Bahamas", "BS"),
    ("the Bahamas", "BS"), ("Bosnia and Herzegovina", "BA"), ("Bosnia-Herzegovina", "BA"),
    ("St. Lucia", "LC"), ("Saint Lucia", "LC"), ("St.Kitts and Nevis", "KN"),
    ("Sao Tome & Principe", "ST"), ("Antigua and Barbuda", "AG"), ("The Netherlands", "NL"),
    ("Kingdom of the Netherlands", "NL"), ("People's Republic of China", "CN"), ("P.R. China", "CN"),
    ("Hellenic Republic", "GR"), ("Swiss Confederation", "CH"), ("Belarus", "BY"), ("Byelorussia", "BY"),
    ("Papua New Guinea", "PG"), ("Guinea-Bissau", "GW"), ("Guinea Bissau", "GW"),
    ("Equatorial Guinea", "GQ"), ("South Sudan", "SS"), ("Dominican Republic", "DO"), ("Dominica", "DM"),
    ("British Virgin Islands", "VG"), ("Virgin Islands (British)", "VG"), ("Western Samoa", "WS"),
    ("Samoa", "WS"),
]  # fmt: skip

NATIVE = [
    ("Deutschland", "DE"), ("Österreich", "AT"), ("Osterreich", "AT"), ("France", "FR"), ("España", "ES"),
    ("Espana", "ES"), ("Italia", "IT"), ("Portugal", "PT"), ("Brasil", "BR"), ("Nederland", "NL"),
    ("België", "BE"), ("Belgique", "BE"), ("Sverige", "SE"), ("Danmark", "DK"), ("Norge", "NO"),
    ("Suomi", "FI"), ("Ísland", "IS"), ("Polska", "PL"), ("Česko", "CZ"), ("Česká republika", "CZ"),
    ("Slovensko", "SK"), ("Magyarország", "HU"), ("România", "RO"), ("България", "BG"),
    ("Република България", "BG"), ("Ελλάδα", "GR"), ("Κύπρος", "CY"), ("Hrvatska", "HR"),
    ("Србија", "RS"), ("Shqipëria", "AL"), ("Россия", "RU"), ("Российская Федерация", "RU"),
    ("Україна", "UA"), ("Беларусь", "BY"), ("საქართველო", "GE"), ("Հայաստան", "AM"), ("Қазақстан", "KZ"),
    ("İsrail", "IL"), ("ישראל", "IL"), ("إسرائيل", "IL"), ("مصر", "EG"), ("جمهورية مصر العربية", "EG"),
    ("المغرب", "MA"), ("الأردن", "JO"), ("السعودية", "SA"), ("ایران", "IR"), ("پاکستان", "PK"),
    ("भारत", "IN"), ("বাংলাদেশ", "BD"), ("ประเทศไทย", "TH"), ("ไทย", "TH"), ("日本", "JP"), ("中国", "CN"),
    ("中國", "CN"), ("中华人民共和国", "CN"), ("대한민국", "KR"), ("한국", "KR"), ("Việt Nam", "VN"), ("Éire", "IE"),
    ("Kenya", "KE"), ("ኢትዮጵያ", "ET"), ("Vereinigtes Königreich", "GB"), ("Royaume-Uni", "GB"),
    ("Estados Unidos", "US"), ("EE. UU.", "US"), ("США", "US"), ("Elfenbeinküste", "CI"),
]  # fmt: skip

TRAPS = [
    pytest.param("Kosovo", "XK", id="Kosovo is not Serbia"),
    pytest.param("NA", "NA", id="NA is Namibia"),
    pytest.param("NO", "NO", id="NO is Norway"),
    pytest.param("no", "NO", id="small letters are a code too"),
    pytest.param("N/A", None, id="N/A is nothing"),
    pytest.param("n.a.", None, id="n.a. is nothing"),
    pytest.param("Niger", "NE", id="Niger"),
    pytest.param("Nigeria", "NG", id="Nigeria"),
    pytest.param("Guinea", "GN", id="Guinea alone"),
    pytest.param("Congo", None, id="Congo: there are two"),
    pytest.param("Kongo", None, id="Congo in German"),
    pytest.param("Korea", None, id="Korea: there are two"),
    pytest.param("Corée", None, id="Korea in French"),
    pytest.param("Coree", None, id="Korea in French without its accent"),
    pytest.param("Ireland", "IE", id="Ireland"),
    pytest.param("Northern Ireland", None, id="Northern Ireland is no state"),
    pytest.param("England", None, id="England is no state"),
    pytest.param("Virgin Islands", None, id="Virgin Islands: there are two"),
    pytest.param("America", None, id="a continent"),
    pytest.param("Yugoslavia", None, id="a state that is no more"),
    pytest.param("European Union", None, id="not a state"),
    pytest.param("EU", None, id="the code of what is not a state"),
    pytest.param("Bulgarai", None, id="a slip is not guessed"),
    pytest.param("Republic", None, id="half a name"),
    pytest.param("", None, id="empty"),
    pytest.param("Bulgaria " + " " * 100_000, None, id="a cell that is far too long"),
    pytest.param(" – ", None, id="a dash"),
    pytest.param("ao", "AO", id="a code before a name"),
    pytest.param("Áo", "AT", id="Austria in Vietnamese"),
    pytest.param("bi.", None, id="Belgium in Vietnamese without its accent is not Belgium"),
    pytest.param("RE", None, id="ruled from elsewhere"),
    pytest.param("GL", "GL", id="has its own government"),
    pytest.param("GRC", "GR", id="alpha-3"),
    pytest.param("EL", "GR", id="the EU's code of Greece"),
    pytest.param("ZAR", None, id="a withdrawn alpha-3"),
    pytest.param("ＢＧ", "BG", id="full-width letters"),
    pytest.param(" Bul­garia\u200b ", "BG", id="soft hyphen, zero-width space, spaces around"),
    pytest.param("South\u00a0Africa", "ZA", id="no-break space"),
    pytest.param("CÔTE D'IVOIRE", "CI", id="capitals"),
    pytest.param("Cote d'Ivoire", "CI", id="decomposed accents"),
    pytest.param("QM", "QM", id="an invented state's code"),
    pytest.param("Examplia", "QM", id="an invented state"),
    pytest.param("QO", "QO", id="CLDR's Outlying Oceania is an invented state here"),
    pytest.param("QA", "QA", id="Qatar is not invented"),
]


@pytest.mark.parametrize(("said", "code"), [pytest.param(*row, id=row[0]) for row in WELL_KNOWN + NATIVE])
def test_a_well_known_or_native_name_is_found(said: str, code: str) -> None:
    """What sheets really say, in English variants and in the states' own languages, by NFC and NFD alike."""
    assert find_state(said) == code
    assert find_state(unicodedata.normalize("NFD", said)) == code


@pytest.mark.parametrize(("said", "code"), TRAPS)
def test_a_trap_is_not_fallen_into(said: str, code: str | None) -> None:
    """Codes, near misses, names of two states, and names of none."""
    assert find_state(said) == code


#: Names that CLDR gives one state in this language, and that are two states' names in others.
SHARED = {("CG", "es")}


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar", "ru", "zh", "de", "pt", "tr", "ja", "hi", "sw"])
def test_every_state_is_found_by_its_name_in(language: str) -> None:
    """CLDR's own name of each state leads back to it."""
    territories = Locale.parse(language).territories
    real = [code for code in data().states if code in territories and (code == "QA" or not code.startswith("Q"))]
    lost = {code: territories[code] for code in real if find_state(territories[code]) != code}
    assert set(lost) == {code for code, spoken in SHARED if spoken == language}
    assert all(find_state(state_name(code, language)) == code for code in real if code not in lost)


def test_every_state_has_a_code_a_long_code_and_an_english_name() -> None:
    """193 members, their observers and some others; each is found by each of its codes."""
    known = data()
    real = {code for code in known.states if not code.startswith("Q") or code == "QA"}
    assert {"XK", "PS", "VA", "TW"} <= real
    assert len(real) > 193
    long_codes = {code for alias, code in known.codes.items() if len(alias) == 3}
    assert real == long_codes
    assert all(find_state(code) == code for code in known.states)
    assert all(find_state(code.lower()) == code for code in known.states)
    assert all(find_state(facts.name) == code for code, facts in known.states.items())


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        pytest.param("TR", "en", "Türkiye", id="English"),
        pytest.param("BG", "de", "Bulgarien", id="German"),
        pytest.param("CD", "en", "Democratic Republic of the Congo", id="a name for a letter, not for a menu"),
        pytest.param("BG", "pt-BR", "Bulgária", id="a regional tag"),
        pytest.param("JP", "zh-Hant", "日本", id="a tag with a script"),
        pytest.param("BG", "tlh", "Bulgaria", id="a language that CLDR lacks"),
        pytest.param("BG", "not a tag", "Bulgaria", id="no language at all"),
        pytest.param("QM", "fr", "Examplia", id="invented"),
        pytest.param("??", "en", "??", id="no state"),
    ],
)
def test_a_state_has_a_name_in_every_language(code: str, language: str, name: str) -> None:
    """In the language, else in English, else the code: a table never breaks over a name."""
    assert state_name(code, language) == name


def test_invented_states_have_their_own_name_in_every_language():
    """CLDR has a region QO; our QO is none of it."""
    assert state_name("QO", "ar") == state_name("QO", "en")


def test_all_states_are_listed_without_the_invented_ones():
    """Each code has a name, and none is one of QM to QZ."""
    assert {"BG", "XK", "TW"} <= set(states())
    assert not [code for code in states() if state_name(code) == code or (code.startswith("Q") and code != "QA")]
