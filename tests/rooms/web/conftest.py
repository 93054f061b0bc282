"""The pages, served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from outreach.web.server import Server, listening
from support.page_desk import supporter_desk
from support.visitors import Visitor


@pytest.fixture
def serve() -> Iterator[Callable[..., Visitor]]:
    """Serves a desk on a free port of this machine; `supporter_desk` takes what is said of the campaign."""
    running: list[tuple[Server, threading.Thread]] = []

    def served(**terms: Any) -> Visitor:
        door = listening("127.0.0.1", 0, behind_proxy=False)
        port = door.getsockname()[1]
        it = supporter_desk(**{"site": f"http://127.0.0.1:{port}", **terms})
        server = Server([it])
        thread = threading.Thread(target=server.serve_on, args=(door,), daemon=True)
        thread.start()
        running.append((server, thread))
        return Visitor(port, it, it.campaign.slug)

    yield served
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def page(serve: Callable[..., Visitor]) -> Visitor:
    return serve()
