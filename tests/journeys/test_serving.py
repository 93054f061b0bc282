"""outreach serve, before it serves: what it refuses in one clear message, and what it leaves behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from journeys.conftest import Outreach

SUPPORTERS = """
[supporters]
site = "https://act.rights-network.example"
contact = "privacy@rights-network.example"

[supporters.text.en]
title = "Ask your ministry"
why = "Ministries answer when people ask."
suggestion = "I ask you to support a moratorium, and to tell me your position."
"""


@pytest.fixture(autouse=True)
def example(workspace: Path) -> bytes:
    """The shipped example has a page, too: these tests are of a workspace without it."""
    file = workspace / "campaigns" / "example.toml"
    text = file.read_bytes()
    file.unlink()
    return text


@pytest.fixture
def campaign(workspace: Path) -> Path:
    """A campaign in which supporters write."""
    file = workspace / "campaigns" / "moratorium.toml"
    file.write_text(file.read_text("utf-8") + SUPPORTERS, "utf-8")
    return file


def refused(said: object, *words: str) -> None:
    """It ends with a message that holds these words, without a trace, and nothing was begun."""
    assert said.code in {1, 2}  # type: ignore[attr-defined]
    for word in words:
        assert word in said.err  # type: ignore[attr-defined]
    assert "Traceback" not in said.all  # type: ignore[attr-defined]
    assert "The page is at" not in said.all  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_it_does_not_go_on_the_open_network_without_tls(outreach: Outreach, campaign: Path, host: str) -> None:
    """Names and addresses would travel in the open; the message says what to do instead."""
    refused(outreach("serve", "moratorium", "--port", 0, "--host", host), "no TLS", "--behind-proxy")


def test_a_proxy_has_to_be_named(outreach: Outreach, campaign: Path) -> None:
    """Otherwise all visitors would share the limits of one network."""
    refused(outreach("serve", "--behind-proxy", "--port", 0), "campaigns/moratorium.toml", "proxies")


def test_a_port_that_is_taken(outreach: Outreach, campaign: Path) -> None:
    """The message names it, and how to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused(outreach("serve", "moratorium", "--port", port), f"127.0.0.1:{port}", "taken", "--port")


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", ""])
def test_an_address_that_is_not_this_machines(outreach: Outreach, campaign: Path, host: str) -> None:
    """A slip of the pen is a message about --host."""
    refused(outreach("serve", "moratorium", "--port", 0, "--host", host), "--host")


def test_no_campaign_has_supporters(outreach: Outreach, workspace: Path) -> None:
    """Neither named nor among all."""
    refused(outreach("serve", "--port", 0), "campaigns", "[supporters]")
    refused(outreach("serve", "moratorium", "--port", 0), "moratorium.toml", "[supporters]")


def test_the_shipped_example_is_never_served_to_the_world(outreach: Outreach, workspace: Path, example: bytes) -> None:
    """It has a page to try out; a live server without a name leaves it out."""
    (workspace / "campaigns" / "example.toml").write_bytes(example)
    refused(outreach("serve", "--live", "--port", 0), "no campaign of this workspace")


def test_an_unknown_campaign_and_one_with_faults(outreach: Outreach, campaign: Path) -> None:
    """The first is named; the second is left out where all are served, and told where it is named."""
    refused(outreach("serve", "moratorum", "--port", 0), "moratorum", 'Did you mean "moratorium"?')
    campaign.write_text(campaign.read_text("utf-8").replace('"https://act', '"ftp://act'), "utf-8")
    refused(outreach("serve", "--port", 0), "Left out: campaigns/moratorium.toml", "[supporters]")
    refused(outreach("serve", "moratorium", "--port", 0), "no address of a page")


def test_without_the_extra_it_says_how_to_get_it(
    outreach: Outreach, campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outreach that was installed without the page knows the command."""
    monkeypatch.setattr("outreach.cli.serve.find_spec", lambda name: None)
    refused(outreach("serve"), "'.[postgres,web]'")
