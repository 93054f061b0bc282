"""A campaign file becomes a Campaign: every value where it belongs, whatever the editor it was written with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest

from outreach.campaigns.file import load_campaign
from outreach.errors import CampaignError, SettingsError, UsageError
from outreach.model.campaign import (
    Campaign,
    Chasers,
    CoOfficial,
    Demand,
    Exclusion,
    Languages,
    Pace,
    Recess,
    Sender,
    Window,
)
from outreach.model.supporter import Delivery, Exposure, PageText, ReplyTo, SupporterTerms, TargetRule

Load = Callable[..., Campaign]

SHORTEST = """\
title = "Short"
contacts = ["contacts/first.csv"]
[sender]
name = "Ada"
organisation = "Network"
email = "ada@ngo.invented"
[[demand]]
slug = "moratorium"
title = "Stop"
"""


def nowhere(text: str) -> None:
    """Knows no state."""


def test_every_key_of_the_file_is_in_the_campaign(load: Load, clean: str) -> None:
    """Names become codes, texts of several lines become lines, limits become windows, an IDN domain becomes ASCII."""
    campaign = load(clean)
    assert campaign == Campaign(
        slug="trial",
        path="campaigns/trial.toml",
        title="A test of everything",
        facts_as_of=date(2026, 11, 23),
        contacts=("contacts/first.csv", "contacts/second.xlsx"),
        verified_within_months=6,
        copies_folder="Gesendet/Briefe",
        html=False,
        encoding="windows-1251",
        sender=Sender(
            name="Ada Example",
            organisation="Example Network",
            email="office@xn--bcher-kva.example",
            postal_address=("1 Example Street", "Exampletown"),
            reply_to="letters+{token}@ngo.example",
            bounce_to="bounces+{token}@ngo.example",
            phone="+00 000 000000",
            website="https://ngo.example/campaign",
        ),
        demands=(
            Demand(slug="moratorium", title="Stop", roles=frozenset({"mfa", "trade_ministry"})),
            Demand(
                slug="licence-review",
                title="Look",
                states=frozenset({"QM", "QN"}),
                tags=frozenset({"at-risk"}),
                exclude=(
                    Exclusion(state="QO", reason="Has none."),
                    Exclusion(institution="qn-mfa-1", reason="Answered."),
                ),
            ),
        ),
        languages=Languages(
            fallback=("en", "fr"),
            co_official=CoOfficial.ALL,
            by_state={"QN": ("pt-BR",), "QO": ("sr-Latn",)},
        ),
        pace=Pace(
            account=(Window(count=4, seconds=60), Window(count=60, seconds=3600), Window(count=200, seconds=86400)),
            domain=(Window(count=2, seconds=60), Window(count=30, seconds=3600), Window(count=100, seconds=86400)),
            institution=(Window(count=1, seconds=86400),),
            opens=time(9),
            closes=time(17, 30),
            working_days_only=True,
            jitter=0.3,
            connections=2,
        ),
        chasers=Chasers(after=(15, 10, 10), very_overdue_after=30, extend_on_acknowledgement=5, second_contact=False),
        recess=(
            Recess(
                first=date(2026, 7, 20), last=date(2026, 8, 31), reason="Parliament and ministries rest.", state="QO"
            ),
            Recess(first=date(2026, 12, 24), last=date(2027, 1, 2), reason="Between the years."),
        ),
        supporters=SupporterTerms(
            site="https://act.ngo.example/write",
            contact="data@ngo.example",
            texts={
                "en": PageText(
                    title="Write to your ministry",
                    why="Because it is asked.\n\nBecause it answers.",
                    suggestion="I ask you for your position.",
                    hints=("Say why it matters to you.",),
                ),
                "ar": PageText(title="اكتبوا", why="لأن السؤال مطروح.", suggestion="أسألكم عن موقفكم."),
            },
            exposure=Exposure.NAMES,
            at_risk_tags=frozenset({"at-risk", "repressive"}),
            delivery=Delivery.DRIP,
            per_day=8,
            longest_queue=20,
            reply_to=ReplyTo.SUPPORTER,
            most_targets=3,
            forms_per_hour=2000,
            embed=("https://partner.example",),
            keep_days=40,
            own_mail_days=10,
            blocked_words=("scoundrel",),
            proxies=("10.0.0.0/8",),
            rules=(
                TargetRule(
                    states=frozenset({"QO"}),
                    roles=frozenset({"mfa"}),
                    tags=frozenset({"exporter"}),
                    institutions=frozenset({"qo-mfa-1"}),
                    exposure=Exposure.COUNTS,
                    delivery=Delivery.DIGEST,
                    per_day=1,
                    suppressed="Asked us to stop in May.",
                ),
            ),
        ),
        columns={"email": "Correo electrónico", "state": "País"},
        exclude=(Exclusion(state="QP", reason="Others write."),),
        placeholders=campaign.placeholders,
    )


def test_a_file_without_a_pace_is_polite(load: Load) -> None:
    """Who writes no pace floods nobody; who writes an empty one asked for no limit."""
    campaign = load(SHORTEST)
    assert {one.seconds: one.count for one in campaign.pace.account} == {60: 4, 3600: 60, 86400: 200}
    assert campaign.pace.domain
    assert load(SHORTEST + "[pace]\n").pace == Pace(working_days_only=False)


def test_a_file_without_chasers_says_nothing_of_them_and_an_empty_table_means_the_usual_terms(load: Load) -> None:
    """Twenty working days for each of two reminders, forty until an answer is very overdue."""
    assert load(SHORTEST).chasers is None
    usual = load(SHORTEST + "[chasers]\n").chasers
    assert usual == Chasers(after=(20, 20), very_overdue_after=40, extend_on_acknowledgement=10, second_contact=True)


def test_office_hours_bring_working_days_unless_refused(load: Load) -> None:
    """An office that is closed on Sunday is closed at noon of a Sunday too."""
    hours = SHORTEST + '[pace]\noffice_hours = "9:00 – 17:00"\n'
    assert load(hours).pace.working_days_only
    assert not load(hours + "working_days = false\n").pace.working_days_only


def test_a_postal_address_may_be_a_list(load: Load) -> None:
    """Lines as a list or as one text: the same."""
    text = SHORTEST.replace("[[demand]]", 'postal_address = ["1 Street", "Town"]\n[[demand]]')
    assert load(text).sender.postal_address == ("1 Street", "Town")


@pytest.mark.parametrize(
    "written",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
    ids=["byte-order-mark", "windows-line-ends", "old-mac-line-ends", "no-last-line-end"],
)
def test_an_editors_habits_change_nothing(load: Load, clean: str, written: Callable[[str], bytes]) -> None:
    """A byte order mark and line ends of another system are read, and lines are counted as the editor counts them."""
    assert load(written(clean)) == load(clean)
    with pytest.raises(CampaignError) as caught:
        load(written(clean.replace("per_day = 200", "per_day = 0")))
    assert [one.place.row for one in caught.value.problems] == [48]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('"Ada"', '"replace me"', "sender.name"),
        ('"Network"', '"REPLACE_ME Network"', "sender.organisation"),
        ('title = "Stop"', 'title = "Replace-Me"', "demand[1].title"),
        ("ada@ngo.invented", "ada@ngo.example", "sender.email"),
        ("ada@ngo.invented", "ada@example.org", "sender.email"),
        ("ada@ngo.invented", "ada@mail.EXAMPLE.com", "sender.email"),
        ("[[demand]]", 'reply_to = "a+{token}@ngo.example"\n[[demand]]', "sender.reply_to"),
        ("[[demand]]", 'bounce_to = "a@ngo.example"\n[[demand]]', "sender.bounce_to"),
        ("[[demand]]", 'website = "https://ngo.example/x"\n[[demand]]', "sender.website"),
        ("[[demand]]", 'postal_address = ["1 Street", "REPLACE ME"]\n[[demand]]', "sender.postal_address[2]"),
    ],
    ids=lambda value: value[:24].strip() if isinstance(value, str) else None,
)
def test_what_is_left_of_the_example_is_told_with_its_line(load: Load, old: str, new: str, column: str) -> None:
    """REPLACE ME in any case anywhere, and a sender's address that can belong to nobody."""
    text = SHORTEST.replace(old, new, 1)
    (place,) = load(text).placeholders
    assert place.column == column
    assert place.path == "campaigns/trial.toml"
    assert new.splitlines()[0] in text.splitlines()[place.row - 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[demand]]", "# REPLACE ME is only a remark\n[[demand]]"),
        ("ada@ngo.invented", "ada@example.invented"),
        ("ada@ngo.invented", "ada@ngo.my-example"),
        ('"Stop"', '"Do not replace memory"'),
    ],
    ids=["remark", "example-is-not-the-end", "example-is-not-the-whole", "memory"],
)
def test_what_looks_like_the_example_is_left_alone(load: Load, old: str, new: str) -> None:
    """No false alarm from remarks, from real domains or from words that begin alike."""
    assert load(SHORTEST.replace(old, new, 1)).placeholders == ()


@pytest.mark.parametrize(
    "name", ["trial", "trial.toml", "campaigns/trial.toml", "./campaigns/trial", "campaigns/trial"]
)
def test_a_campaign_is_named_as_people_name_it(load: Load, workspace: Path, name: str) -> None:
    """With or without folder and ending."""
    expected = load(SHORTEST)
    assert load_campaign(workspace, name, find_state=nowhere) == expected
    assert load_campaign(workspace, str(workspace / "campaigns" / "trial.toml"), find_state=nowhere) == expected


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("trail", 'Did you mean "trial"?'),
        ("Trial", 'Did you mean "trial"?'),
        ("zzz", "There are: other, trial."),
        ("../trial", "There are"),
        ("contacts/trial", "There are"),
        ("", "There are"),
        ("trial\0", "There are"),
        ("x" * 5000, "There are"),
    ],
    ids=["misspelt", "capital", "unknown", "parent", "other-folder", "empty", "nul", "long"],
)
def test_an_unknown_name_lists_what_there_is(load: Load, workspace: Path, name: str, says: str) -> None:
    """A name that is not there is a mistake of usage, answered with the names that are."""
    load(SHORTEST, "trial")
    load(SHORTEST, "other")
    with pytest.raises(UsageError, match=r"There is no campaign") as caught:
        load_campaign(workspace, name, find_state=nowhere)
    assert says in str(caught.value)


def test_an_empty_workspace_says_how_to_begin(workspace: Path) -> None:
    """No campaign at all: `outreach init` is named."""
    with pytest.raises(UsageError, match="outreach init"):
        load_campaign(workspace, "trial", find_state=nowhere)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    """Without campaigns/ there is nothing to load."""
    with pytest.raises(SettingsError, match="outreach init"):
        load_campaign(tmp_path, "trial", find_state=nowhere)


def test_a_files_name_must_do_for_an_identifier(load: Load) -> None:
    """The name becomes part of ids: what cannot is said before anything is planned."""
    with pytest.raises(CampaignError, match="Rename the file"):
        load(SHORTEST, "My Campaign")


def test_a_huge_file_is_refused_unread(load: Load) -> None:
    """A megabyte is no campaign file."""
    with pytest.raises(CampaignError, match="larger than 1 MB"):
        load(b"#" * 1_000_001)


def test_a_link_to_a_sheet_outside_is_refused(
    load: Load, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A link in contacts/ does not lead out of the workspace."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("x")
    (workspace / "contacts" / "first.csv").unlink()
    (workspace / "contacts" / "first.csv").symlink_to(secret)
    with pytest.raises(CampaignError) as caught:
        load(SHORTEST)
    assert [one.code for one in caught.value.problems] == ["sheet-outside"]


def test_a_loop_of_links_is_a_fault(load: Load, workspace: Path) -> None:
    """A sheet that links to itself is said to be missing, without a trace."""
    sheet = workspace / "contacts" / "first.csv"
    sheet.unlink()
    sheet.symlink_to(sheet)
    with pytest.raises(CampaignError) as caught:
        load(SHORTEST)
    assert [one.code for one in caught.value.problems] == ["no-such-sheet"]
