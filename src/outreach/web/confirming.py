"""The link of the confirmation mail: a look shows the letters, pressing the button confirms them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from outreach.runner.supporters.confirm import confirm, look
from outreach.runner.supporters.desk import SupporterDesk
from outreach.web.asked import Asked
from outreach.web.render import rendered


def show(it: SupporterDesk, asked: Asked) -> Response:
    """What the link would confirm. A mail scanner that follows it changes nothing."""
    found = look(it, asked.token)
    if found is None:
        raise HTTPException(404)
    return rendered(it, "confirm.html", asked.chosen or found.language, letters=found.letters)


def submit(it: SupporterDesk, asked: Asked) -> Response:
    """Confirm: the link has done its work."""
    done = confirm(it, asked.token)
    if done is None:
        raise HTTPException(404)
    return rendered(it, "confirmed.html", asked.chosen or done.language, held=done.held)
