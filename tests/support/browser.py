"""A browser for tests: the machine's own Chromium, which gets nothing from beyond this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from support.servers import needs_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome")
OWN = frozenset({"localhost", "127.0.0.1", "::1"})
#: No sandbox, since root has none; no name is looked up, and the browser's own errands stay undone.
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    f"--host-resolver-rules=MAP * ~NOTFOUND, {', '.join(f'EXCLUDE {one}' for one in sorted(OWN))}",
)


@dataclass
class Surfer:
    """Opens pages, each in a profile of its own. What asks for anything beyond this machine is refused and noted."""

    browser: Browser
    asked: list[str] = field(default_factory=list)  #: every address, the refused ones too
    said: list[str] = field(default_factory=list)  #: in the console: broken policies, errors of scripts
    refused: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, url: str, *, width: int = 1280, height: int = 900, scheme: Any = "light", **more: Any) -> Page:
        """A page, loaded; `more` is for a profile of Playwright's, such as `locale`."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, service_workers="block", **more
        )
        self._contexts.append(context)
        context.route("**/*", self._guard)
        context.on("console", lambda message: self.said.append(message.text))
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        page = context.new_page()
        page.goto(url)
        return page

    def forget(self) -> list[str]:
        """What was refused since the last call."""
        refused, self.refused = self.refused, []
        return refused

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()

    def _guard(self, route: Route) -> None:
        url = route.request.url
        self.asked.append(url)
        if stays_here(url):
            route.continue_()
        else:
            self.refused.append(url)
            route.abort("accessdenied")


def stays_here(url: str) -> bool:
    """Whether an address is a file, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme in {"file", "data", "blob", "about"} or (parts.hostname or "") in OWN


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong: `rule (impact): where, …`. Fails when it has hardly looked."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    assert len(found["passes"]) > 10, found["passes"]
    return [
        f"{one['id']} ({one['impact']}): {', '.join(str(node['target'][0]) for node in one['nodes'])}"
        for one in found["violations"]
    ]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium for a file of tests.

    Not for the session: while Playwright's own loop stands, `asyncio.run` in another test of this process refuses.
    """
    program = needs_server("chromium", next(filter(None, map(shutil.which, NAMES)), None))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield made
        made.close()


@pytest.fixture
def surfer(chromium: Browser) -> Iterator[Surfer]:
    """Opens pages; a test whose page asked for anything beyond this machine fails, unless it has `forget` it."""
    made = Surfer(chromium)
    yield made
    made.close()
    if refused := made.forget():
        pytest.fail("This page asked beyond this machine: " + "; ".join(refused), pytrace=False)
