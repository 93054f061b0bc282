"""Which page answers to which path. Each campaign's paths begin with its own address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from outreach.runner.supporters.desk import SupporterDesk
from outreach.web import confirming, form, managing, plain
from outreach.web.asked import Asked, endpoint
from outreach.web.headers import CLOSED, STATIC
from outreach.web.render import STATIC as FILES
from outreach.web.render import path_of

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_METHODS = ("GET", "HEAD", "POST")

Served = Callable[[Request], Awaitable[Response]]


def application(desks: Sequence[SupporterDesk]) -> ASGIApp:
    """The pages of these campaigns, as an ASGI application. There has to be one."""
    router = Router([*(route for it in desks for route in _routes(it)), *_others(desks)], redirect_slashes=False)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _METHODS:
            refused = PlainTextResponse("", 405, headers={**CLOSED, "Allow": ", ".join(_METHODS)})
            await refused(scope, receive, send)
        elif scope["type"] == "http":
            await router(scope, receive, send)

    return serve


def _routes(it: SupporterDesk) -> Iterable[Route]:
    root = path_of(it)
    pages = {
        "": endpoint(it, plain.fault, get=form.show, post=form.submit),
        "thanks": endpoint(it, plain.fault, get=form.thanks),
        "privacy": endpoint(it, plain.fault, get=plain.privacy),
        "link": endpoint(it, plain.fault, get=managing.ask_for_link, post=managing.mail_link),
        "link/sent": endpoint(it, plain.fault, get=managing.link_mailed),
        "confirm/{token}": endpoint(it, plain.fault, get=confirming.show, post=confirming.submit, strict=False),
        "manage/{token}": endpoint(it, plain.fault, get=managing.show, post=managing.submit, strict=False),
    }
    for path, page in pages.items():
        yield Route(root + path, page, methods=_METHODS)
    for file in sorted(FILES.iterdir()):
        yield Route(f"{root}static/{file.name}", _file(file.read_bytes(), _TYPES[file.suffix]), methods=("GET", "HEAD"))
    yield Route(root.removesuffix("/"), _to(root), methods=("GET", "HEAD"))
    missing = endpoint(it, plain.fault, get=_missing, post=_missing, strict=False)
    yield Route(root + "{rest:path}", missing, methods=_METHODS)


def _others(desks: Sequence[SupporterDesk]) -> Iterable[Route]:
    """What lies beside the campaigns: the way to the only one, and a page that says that there is nothing."""
    if len(desks) == 1 and path_of(desks[0]) != "/":
        yield Route("/", _to(path_of(desks[0])), methods=("GET", "HEAD"))
    missing = endpoint(desks[0], plain.fault, get=_missing, post=_missing, strict=False)
    yield Route("/{rest:path}", missing, methods=_METHODS)


def _missing(_it: SupporterDesk, _asked: Asked) -> Response:
    raise HTTPException(404)


def _to(path: str) -> Served:
    async def serve(_request: Request) -> Response:
        return RedirectResponse(path, 307, headers=dict(CLOSED))

    return serve


def _file(content: bytes, kind: str) -> Served:
    async def serve(_request: Request) -> Response:
        return Response(content, media_type=kind, headers=dict(STATIC))

    return serve
