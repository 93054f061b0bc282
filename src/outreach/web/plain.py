"""Pages without a form of their own: how data is handled, and what went wrong."""

from __future__ import annotations

from starlette.responses import Response

from outreach.runner.supporters.desk import SupporterDesk
from outreach.web.asked import Asked
from outreach.web.render import rendered


def privacy(it: SupporterDesk, asked: Asked) -> Response:
    """What is kept of a supporter, how long, and who learns it."""
    return rendered(it, "privacy.html", asked.language, closed=False)


def fault(it: SupporterDesk, language: str, status: int) -> Response:
    """An error page. Every bad link gets the same one: it does not say what is wrong with it."""
    return rendered(it, "error.html", language, status=status, status_code=status)
