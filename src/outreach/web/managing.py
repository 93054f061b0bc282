"""A person's own data, by a link that came to their own mailbox: see it, take letters back, take it along, erase it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from outreach.model.action import Fate
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.manage import Managed, erase, export, manage, send_link, withdraw
from outreach.web.asked import Asked
from outreach.web.headers import CLOSED
from outreach.web.render import redirected, rendered
from outreach.web.stamp import new_stamp, read_stamp


def show(it: SupporterDesk, asked: Asked) -> Response:
    """Where each letter stands."""
    return _standing(it, asked, _known(manage(it, asked.token)))


def submit(it: SupporterDesk, asked: Asked) -> Response:
    """Do what the pressed button says; erasing asks once more."""
    do = asked.one("do")
    if do == "withdraw":
        return _standing(it, asked, _known(withdraw(it, asked.token)), withdrawn=True)
    if do == "export":
        return _export(it, asked)
    found = _known(manage(it, asked.token))
    language = asked.chosen or found.language
    if do == "erase":
        return rendered(it, "erase.html", language)
    if do == "erase-for-good":
        erase(it, asked.token)
        return rendered(it, "erased.html", language)
    return _standing(it, asked, found)


def ask_for_link(it: SupporterDesk, asked: Asked) -> Response:
    """Where a person asks for the link to their own data."""
    stamp = new_stamp(it.desk.secret, f"link {it.campaign.slug}", now=it.now, random=it.random(16))
    return rendered(it, "link.html", asked.language, stamp=stamp)


def mail_link(it: SupporterDesk, asked: Asked) -> Response:
    """Mail it, if we know the address; the answer is the same for everybody."""
    stamp = read_stamp(it.desk.secret, f"link {it.campaign.slug}", asked.one("stamp"), now=it.now)
    if stamp is not None and it.book.spend_once(f"form {stamp.id}", until=stamp.until):
        send_link(it, asked.one("email"), network=asked.network)
        return redirected(it, "link", "sent", lang=asked.language)
    return ask_for_link(it, asked)


def link_mailed(it: SupporterDesk, asked: Asked) -> Response:
    """Look into your mailbox."""
    return rendered(it, "link_sent.html", asked.language)


def _export(it: SupporterDesk, asked: Asked) -> Response:
    found = export(it, asked.token)
    if found is None:
        raise HTTPException(404)
    headers = {**CLOSED, "Content-Disposition": f'attachment; filename="{it.campaign.slug}-my-data.json"'}
    return Response(found, media_type="application/json", headers=headers)


def _standing(it: SupporterDesk, asked: Asked, found: Managed, *, withdrawn: bool = False) -> Response:
    return rendered(it, "manage.html", asked.chosen or found.language, managed=found, withdrawn=withdrawn, Fate=Fate)


def _known(found: Managed | None) -> Managed:
    if found is None:
        raise HTTPException(404)
    return found
