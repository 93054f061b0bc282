"""Templates to pages: every value escaped, every address of a link made of the configured site, never of a header."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from outreach.model.campaign import Mode
from outreach.model.supporter import Exposure
from outreach.rules.wrapping import unwrapped
from outreach.runner.supporters.desk import SupporterDesk
from outreach.states import state_name, text_direction
from outreach.web.headers import CLOSED, open_headers
from outreach.web.wording import closest, texts

HERE = Path(__file__).parent
STATIC = HERE / "static"


def rendered(
    it: SupporterDesk, template: str, language: str, *, status: int = 200, closed: bool = True, **values: Any
) -> Response:
    """A page in a language. `closed`: never in a frame, and its address is told to nobody."""
    own = closest(language)
    found = environment(own).get_template(template)
    headers = CLOSED if closed else open_headers(it.terms.embed)
    return HTMLResponse(found.render(**_common(it, language, own), **values), status, headers=dict(headers))


def redirected(it: SupporterDesk, *parts: str, **query: str) -> Response:
    """See another page of ours. A path alone, so that no Host header and no other name of this machine matters."""
    return RedirectResponse(path_of(it, *parts, **query), 303, headers=dict(CLOSED))


def path_of(it: SupporterDesk, *parts: str, **query: str) -> str:
    """The path of a page: the campaign's own begins all of them."""
    path = urlsplit(it.link(*parts)).path if parts else urlsplit(it.link()).path + "/"
    return f"{path}?{urlencode(query)}" if query else path


def static_path(it: SupporterDesk, name: str) -> str:
    """The path of one of our files, which changes with it: it may be kept for ever."""
    return path_of(it, "static", name, v=_version(name))


@cache
def environment(language: str) -> Environment:
    """The templates, their texts in one of our languages."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(texts(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(Exposure=Exposure)
    made.filters.update(unwrapped=unwrapped)
    return made


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def _own_name(language: str) -> str:
    """What a language calls itself."""
    from babel import Locale, UnknownLocaleError

    try:
        found = Locale.parse(language, sep="-").get_display_name(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return language
    return found or language


def _common(it: SupporterDesk, language: str, own: str) -> Mapping[str, Any]:
    terms = it.terms
    return {
        "language": language,  #: of the campaign's own texts
        "own": own,  #: of ours
        "direction": text_direction(own),
        "direction_of": text_direction,
        "languages": [(one, _own_name(one)) for one in terms.texts],
        "campaign_title": (terms.texts.get(language) or next(iter(terms.texts.values()))).title,
        "organisation": it.campaign.sender.organisation,
        "contact": terms.contact,
        "keep_days": terms.keep_days,
        "own_mail_days": terms.own_mail_days,
        "rehearsal": it.mode is Mode.REHEARSAL,
        "at": lambda *parts, **query: path_of(it, *parts, **query),
        "static": lambda name: static_path(it, name),
        "state_name": lambda code: state_name(code, own),
    }
