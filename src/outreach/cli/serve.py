"""outreach serve: the supporters' page, and the mails that belong to it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import Live, mode_of
from outreach.cli.show import banner, clean
from outreach.errors import CampaignError, SettingsError, UsageError
from outreach.model.campaign import Campaign, Mode

if TYPE_CHECKING:
    from outreach.errors import OutreachError
    from outreach.office import Office
    from outreach.runner.ports import Channel
    from outreach.runner.supporters.desk import SupporterDesk
    from outreach.web.server import Server

PATIENCE = 2.0  #: seconds that a mail on its way has, once the page is asked to end

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[CAMPAIGN]…", help="Campaigns; none: all in which supporters write.")
]
Host = Annotated[str, typer.Option("--host", help="The address to listen at.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0: any that is free.")]
BehindProxy = Annotated[
    bool, typer.Option("--behind-proxy", help="A reverse proxy of yours stands in front and speaks TLS.")
]


@app.command()
def serve(
    campaigns: Names = None,
    live: Live = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    behind_proxy: BehindProxy = False,
) -> None:
    """Serve the supporters' page, and mail its confirmations and receipts, until Ctrl-C.

    Letters to institutions leave by `outreach send`. Without --live everything stays on this machine.
    """
    _installed()
    from outreach.web.server import Server, listening

    mode = mode_of(live=live)
    place = office()
    chosen = _chosen(place, campaigns or [], mode)
    if behind_proxy:
        _proxies_named(chosen)
    door = listening(host, port, behind_proxy=behind_proxy)
    here = f"http://{f'[{host}]' if ':' in host else host}:{door.getsockname()[1]}"
    with ExitStack() as kept:
        kept.callback(door.close)
        desks = [kept.enter_context(_desk(place, one, mode, here)) for one in chosen]
        (channel,) = kept.enter_context(place.channels(mode))
        _announce(desks, here)
        _run(Server(desks), door, desks, channel)
    print("Stopped. What was sent in is kept; mails that wait leave when the page is served again.")


def _run(server: Server, door: object, desks: Sequence[SupporterDesk], channel: Channel) -> None:
    """Serve in this thread, take turns in another; whichever ends ends both."""
    from outreach.runner.supporters.keep import keep

    stop = threading.Event()
    failed: list[BaseException] = []

    def turns() -> None:
        try:
            keep(desks, channel, stop=stop, trouble=_tell)
        except BaseException as error:  # noqa: BLE001  told by the main thread
            failed.append(error)
            server.should_exit = True

    thread = threading.Thread(target=turns, name="turns")
    thread.start()
    try:
        server.serve_on(door)  # type: ignore[arg-type]
    finally:
        stop.set()
        thread.join(PATIENCE)
        if thread.is_alive():
            channel.abort()
            thread.join()
        channel.close()
    if failed and not isinstance(failed[0], KeyboardInterrupt):
        raise failed[0]


def _installed() -> None:
    """Raises SettingsError without the extra."""
    if not all(find_spec(one) for one in ("starlette", "uvicorn", "altcha")):
        raise SettingsError(
            "This outreach was installed without its page.",
            todo="Install it from the checkout: pipx install --force '.[postgres,web]'; or make setup, for its .venv.",
        )


def _chosen(place: Office, names: Sequence[str], mode: Mode) -> list[Campaign]:
    """The campaigns that are named, else all with supporters; live, no shipped example. UsageError: there is none."""
    if names:
        return [place.campaign(one) for one in dict.fromkeys(names)]
    found = []
    for name in place.workspace.names():
        try:
            campaign = place.campaign(name)
        except CampaignError as error:
            print(f"Left out: {clean(str(error))} `{called()} check {name}` says more.", file=sys.stderr)
            continue
        shipped = mode is Mode.LIVE and campaign.placeholders
        found += [campaign] if campaign.supporters and not shipped else []
    if not found:
        raise UsageError(
            "Supporters write in no campaign of this workspace.",
            where=str(place.workspace.root / "campaigns"),
            todo="Write a table [supporters] into a campaign file: the example of `outreach init` has one.",
        )
    return found


def _proxies_named(campaigns: Sequence[Campaign]) -> None:
    for one in campaigns:
        if one.supporters and not one.supporters.proxies:
            raise UsageError(
                "No proxy is named, so every visitor would seem to come from one network, and be held to its limits.",
                where=f"{one.path} [supporters]",
                todo='Name it, such as proxies = ["127.0.0.1/32"].',
            )


@contextmanager
def _desk(place: Office, campaign: Campaign, mode: Mode, here: str) -> Iterator[SupporterDesk]:
    """The supporters' side of a campaign; a rehearsal's links lead to this very server."""
    with place.desk(campaign.slug, mode) as desk:
        desk.ledger.require_holder()
        it = place.supporters(desk, site=here if mode is Mode.REHEARSAL else "")
        _ = it.terms
        yield it


def _announce(desks: Sequence[SupporterDesk], here: str) -> None:
    from outreach.runner.supporters.frame import current_frame

    print(f"{banner(desks[0].mode)}. The page is at {here}; Ctrl-C ends it.")
    for it in desks:
        print(f"  {it.link()}/")
        if current_frame(it) is None:
            flag = " --live" if it.mode is Mode.LIVE else ""
            print(f"    closed: `{called()} supporters approve {it.campaign.slug}{flag}` opens it")
    sys.stdout.flush()


def _tell(error: OutreachError) -> None:
    print(f"Mails wait: {clean(str(error))} It is tried again.", file=sys.stderr, flush=True)
