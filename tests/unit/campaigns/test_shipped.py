"""What is shipped: the moratorium campaign, the example, .env.example and what the manual says of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.campaigns.faults import _keys
from outreach.campaigns.file import load_campaign
from outreach.campaigns.given import KEYS
from outreach.campaigns.starter import create_workspace
from outreach.campaigns.tables import (
    CampaignTable,
    ChasersTable,
    CopiesTable,
    DemandTable,
    ExclusionTable,
    LanguagesTable,
    PaceTable,
    RecessTable,
    SenderTable,
)
from outreach.model.campaign import Campaign, Window
from outreach.states import find_state

CHECKOUT = Path(__file__).parents[3]
MINISTRIES = frozenset({"mfa", "trade_ministry"})
LICENSING = frozenset({"trade_ministry", "licensing_authority"})
NSO = frozenset({"nso-named"})
#: slug -> (tags, roles): what the open letter asks, and of whom.
ROUTING = {
    "moratorium": (frozenset(), MINISTRIES),
    "investigation": (frozenset(), MINISTRIES),
    "licence-review": (frozenset(), LICENSING),
    "due-diligence-law": (frozenset(), MINISTRIES),
    "revoke-nso-licences": (NSO, LICENSING),
    "nso-investigation": (NSO, MINISTRIES),
    "public-statement": (NSO, MINISTRIES),
}


@pytest.fixture
def started(tmp_path: Path) -> Path:
    create_workspace(tmp_path / "w", random_hex=lambda count: "0" * 2 * count)
    return tmp_path / "w"


def shipped() -> Campaign:
    return load_campaign(CHECKOUT, "moratorium", find_state=find_state)


def test_the_seven_verified_demands_go_where_the_letter_sent_them() -> None:
    """Four to all states, three to the states that are named; each to the bodies that can act; in this order."""
    campaign = shipped()
    assert [one.slug for one in campaign.demands] == list(ROUTING)
    assert {one.slug: (one.tags, one.roles) for one in campaign.demands} == ROUTING
    assert all(not one.states and not one.exclude for one in campaign.demands)
    assert campaign.contacts == ("contacts/authorities.csv",)


def test_a_shipped_institutions_name_can_stand_over_a_letter() -> None:
    """It is the first line of the address: an acronym at most in brackets; what we know of the body is in `note`."""
    with (CHECKOUT / "contacts" / "authorities.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["institution"] for row in csv.DictReader(stream)]
    assert [name for name in names if re.search(r"\d|\((?!\w+\))", name)] == []


def test_the_shipped_pace_is_polite() -> None:
    """Slower than one letter in ten seconds to a domain, in office hours, never two a day to one body."""
    pace = shipped().pace
    assert pace.account == (
        Window(count=4, seconds=60),
        Window(count=60, seconds=3600),
        Window(count=200, seconds=86400),
    )
    assert all(one.seconds / one.count >= 10 for one in pace.domain)
    assert pace.institution == (Window(count=1, seconds=86400),)
    assert (str(pace.opens), str(pace.closes), pace.working_days_only) == ("09:00:00", "17:00:00", True)


def test_the_shipped_sender_is_nobody() -> None:
    """Name, organisation, address and e-mail are the example's: nothing live leaves with them."""
    columns = [place.column for place in shipped().placeholders]
    assert columns == ["sender.name", "sender.organisation", "sender.email", "sender.postal_address"]


def test_a_started_workspace_has_the_same_moratorium(started: Path) -> None:
    """But for the sheet: the user's own, and until then the invented one."""
    theirs = load_campaign(started, "moratorium", find_state=find_state)
    assert theirs.contacts == ("contacts/example.csv",)
    assert replace(theirs, contacts=(), placeholders=()) == replace(shipped(), contacts=(), placeholders=())
    assert [one.column for one in theirs.placeholders] == [one.column for one in shipped().placeholders]


def test_the_example_campaign_is_clean(started: Path) -> None:
    """It shows states by name and code, tags, roles and an exclusion with its reason."""
    example = load_campaign(started, "example", find_state=find_state)
    assert {one.slug for one in example.demands} <= set(ROUTING)
    assert [sorted(one.states) for one in example.demands] == [[], ["QM", "QN", "QO"], []]
    assert example.demands[1].exclude


def rows(root: Path) -> list[Mapping[str, str]]:
    with (root / "contacts" / "example.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_example_sheet_meets_every_demand_with_invented_states(started: Path) -> None:
    """Each demand of the moratorium finds somebody; ids are unique; one row has no e-mail and two share a box."""
    found = rows(started)
    for demand in load_campaign(started, "moratorium", find_state=find_state).demands:
        assert any(row["role"] in demand.roles and demand.tags <= set(row["tags"].split(";")) for row in found), (
            demand.slug
        )
    assert len({row["id"] for row in found}) == len(found)
    assert {row["state"] for row in found} == {"QM", "QN", "QO", "QP"}
    assert {find_state(row["state_name"]) for row in found} == {"QM", "QN", "QO", "QP"}
    boxes = [row["email"] for row in found if row["email"]]
    assert (len(found) - len(boxes), len(boxes) - len(set(boxes))) == (1, 1)
    assert {"nso-named", "at-risk"} <= {row["tags"] for row in found}


def test_the_example_settings_name_every_key_and_set_none() -> None:
    """.env.example explains all there are, in lines that have no effect until somebody means them."""
    text = (CHECKOUT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"(?m)^#(OUTREACH_\w+)='", text)) == set(KEYS)
    assert all(line.startswith("#") or not line for line in text.splitlines())


@pytest.mark.parametrize(
    "table",
    [
        CampaignTable,
        SenderTable,
        DemandTable,
        ExclusionTable,
        LanguagesTable,
        PaceTable,
        ChasersTable,
        RecessTable,
        CopiesTable,
    ],
    ids=lambda t: t.__name__,
)
def test_the_manual_names_every_key(table: type[CampaignTable]) -> None:
    """docs/campaign-file.md leaves no key out."""
    manual = (CHECKOUT / "docs" / "campaign-file.md").read_text("utf-8")
    assert [key for key in _keys(table) if f"`{key}`" not in manual] == []


def test_the_manuals_examples_are_right(tmp_path: Path) -> None:
    """Its blocks, put together, are a campaign without faults."""
    manual = (CHECKOUT / "docs" / "campaign-file.md").read_text("utf-8")
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "contacts").mkdir()
    (tmp_path / "contacts" / "ministries.csv").touch()
    blocks = re.findall(r"(?ms)^```toml\n(.*?)^```", manual)
    assert blocks
    (tmp_path / "campaigns" / "manual.toml").write_text("\n".join(blocks), "utf-8")
    assert load_campaign(tmp_path, "manual", find_state=find_state).slug == "manual"
