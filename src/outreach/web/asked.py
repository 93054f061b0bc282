"""One request as the pages see it, and the way from Starlette to them and back."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from outreach.errors import OutreachError
from outreach.rules.supporter_form import Given
from outreach.runner.supporters.desk import SupporterDesk
from outreach.web.posted import posted
from outreach.web.visitor import from_elsewhere, language_of, network_of, origin_of, says_whence

_LOG = logging.getLogger("outreach.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for what, every header judged."""

    language: str  #: of the campaign's own texts
    chosen: str  #: the language that the visitor asked for by name, or ""
    network: str  #: the visitor's address
    path: str
    token: str = ""  #: of a link in a mail
    given: Given = field(default_factory=dict)  #: of a posted form

    def one(self, name: str) -> str:
        """The one value of a field, or ""."""
        values = self.given.get(name, ())
        return values[0] if len(values) == 1 else ""


Page = Callable[[SupporterDesk, Asked], Response]
Fault = Callable[[SupporterDesk, str, int], Response]  #: an error page: language, HTTP status


def endpoint(
    it: SupporterDesk, fault: Fault, *, get: Page | None = None, post: Page | None = None, strict: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    """Serve a page: `get` shows and changes nothing, `post` does. A form has to come from our own page.

    Not `strict`: a link from a mail is proof enough where a browser says nothing of where the form came from.
    """

    async def serve(request: Request) -> Response:
        language = _language(it, request)
        try:
            posting = request.method == "POST"
            page = post if posting else get
            if page is None:
                raise HTTPException(405, headers={"Allow": "POST" if get is None else "GET, HEAD"})
            if posting:
                _same_site(it, request, strict=strict)
            asked = Asked(
                language=language,
                chosen=request.query_params.get("lang", ""),
                network=_network(it, request),
                path=request.url.path,
                token=request.path_params.get("token", ""),
                given=await posted(request) if posting else {},
            )
            return await run_in_threadpool(page, it, asked)
        except HTTPException as error:
            answer = await run_in_threadpool(fault, it, language, error.status_code)
            answer.headers.update(error.headers or {})
            return answer
        except OutreachError as error:
            _LOG.error("A page could not be served: %s", type(error).__name__)
            return await run_in_threadpool(fault, it, language, 503)
        except Exception as error:  # noqa: BLE001  whatever it is, a stranger's words stay out of the log
            where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            _LOG.error("A page could not be served: %s\n%s", type(error).__name__, where)
            return await run_in_threadpool(fault, it, language, 500)

    return serve


def _language(it: SupporterDesk, request: Request) -> str:
    wanted = request.query_params.get("lang", "")
    return language_of(wanted, request.headers.get("accept-language", ""), tuple(it.terms.texts))


def _network(it: SupporterDesk, request: Request) -> str:
    peer = request.client.host if request.client else ""
    return network_of(peer, request.headers.getlist("x-forwarded-for"), it.terms.proxies)


def _same_site(it: SupporterDesk, request: Request, *, strict: bool) -> None:
    ours = (origin_of(it.link()), *it.terms.embed)
    if from_elsewhere(request.headers, ours) or (strict and not says_whence(request.headers)):
        raise HTTPException(403)
