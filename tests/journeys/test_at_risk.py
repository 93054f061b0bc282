"""Where a name may put somebody in danger there is none: raw mail, exports, pages and logs, searched for canaries."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from email.header import decode_header, make_header
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from support.public import (
    HEADER,
    SHEET,
    Person,
    confirmations,
    lay_out,
    links,
    open_to_all,
    outbox,
    plain,
    read,
    served,
    until,
)

Outreach = Callable[..., Any]
#: Scripts apart; all but the first write words that inflect, prefix or hold what says who they are.
PEOPLE = (
    Person(name="Zoë Kanarsdóttir", email="zoe.kanars@home.example", place="Fuglavik"),
    Person(
        name="Γιώργος Καναρίνης",
        email="g.kanarinis@spiti.example",
        place="Πουλούπολη",
        words="Είμαι φίλος του Γιώργου και γράφω από τη γειτονιά του, γιατί ανησυχώ πολύ.",
    ),
    Person(
        name="سارة الكناري",
        email="sara.kanari@bayt.example",
        place="طيورية",
        words="أكتب لكم بسارتي وحزني من بلدة صغيرة لأنني أخاف على أهلي.",
        language="ar",
    ),
    Person(
        name="Иван Канарейкин",
        email="kanareykin@dom.example",
        place="Птичевка",
        words="Мы живём в Птичевке и каждый день боимся за соседей.",
    ),
    Person(
        name="Ayşe Kanarya",
        email="ayse.kanarya@ev.example",
        place="Kuşköy",
        words="You may write to ayse.kanarya at ev.example about this, I am afraid.",
    ),
)
#: As they would be found folded: stems, so that no ending hides them.
CANARIES = {
    "Zoë Kanarsdóttir": ("kanarsd", "zoe.kanars", "fuglavik"),
    "Γιώργος Καναρίνης": ("γιωργ", "καναριν", "g.kanarinis", "πουλουπολ"),
    "سارة الكناري": ("سارت", "سارة", "كناري", "sara.kanari", "طيوري"),
    "Иван Канарейкин": ("канарейк", "kanareykin", "птичевк"),
    "Ayşe Kanarya": ("kanarya", "kuskoy", "ev.example"),
}
EVERYBODY = tuple(one for several in CANARIES.values() for one in several)


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one))


def views(raw: bytes) -> Iterator[str]:
    """A mail as it is, its headers decoded, and every part decoded."""
    yield raw.decode("utf-8", "replace")
    mail = read(raw)
    for name, value in mail.items():
        yield f"{name}: {make_header(decode_header(str(value)))}"
    for part in mail.walk():
        if not part.is_multipart():
            yield str(part.get_content())


def named_in(*texts: str, whom: tuple[str, ...] = EVERYBODY) -> set[str]:
    several = [folded(one) for one in texts]
    return {canary for canary in whom if any(folded(canary) in one for one in several)}


def to(raw: bytes) -> str:
    return str(read(raw)["To"]).partition(" <")[0]


def write_all(workspace: Path) -> None:
    """Everybody writes and confirms."""
    with served(workspace) as page:
        for one in PEOPLE:
            assert page.write(one).status == 303
        several = until(lambda: found if len(found := confirmations(workspace)) == len(PEOPLE) else None)
        for link in several:
            assert page.follow(link).status == 200


def files_of(folder: Path, outreach: Outreach) -> dict[str, bytes]:
    """Every export, and what every command that only tells prints, each by its words."""
    found: dict[str, bytes] = {}
    for verb in ("log", "positions"):
        for kind in ("table", "csv", "json", "xlsx"):
            more = ["--detail"] if verb == "log" else ["--history"]
            out = folder / f"{verb}.{kind}"
            if kind == "table":
                found[f"{verb} {kind}"] = outreach(verb, "public", *more).all.encode()
                continue
            said = outreach(verb, "public", *more, "--format", kind, "--out", out)
            assert said.code == 0, said.all
            found[f"{verb} {kind}"] = out.read_bytes() + said.all.encode()
    said = outreach("report", "public", "--out", folder / "report.html")
    found["report"] = (folder / "report.html").read_bytes() + said.all.encode()
    for state in ("QM", "QN", "QO"):
        found[f"show {state}"] = outreach("show", "public", state).all.encode()
    for words in (
        ("due", "public", "--all"),
        ("due", "public", "--format", "json"),
        ("proposals", "public", "--all"),
        ("supporters", "status", "public"),
        ("supporters", "approve", "public", "--yes", "--by", "Ana"),
        ("check", "public"),
        ("plan", "public"),
        ("preview", "public"),
        ("chase", "public"),
        ("tray",),
        ("moderate", "public"),
        ("ledger",),
        ("send", "public"),
    ):
        found[" ".join(words)] = outreach(*words).all.encode()
    return found


def unpacked(raw: bytes) -> Iterator[str]:
    if not raw.startswith(b"PK"):
        yield raw.decode("utf-8", "replace")
        return
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        for name in book.namelist():
            yield book.read(name).decode("utf-8", "replace")


@pytest.mark.timeout(180)
def test_no_name_reaches_a_state_at_risk_and_no_export_holds_one(
    workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Latin, Greek, Arabic, Cyrillic, Turkish: who writes is in their own letters to those who may know, only."""
    lay_out(workspace)
    open_to_all(outreach)
    write_all(workspace)
    sent = outreach("send", "public")
    assert sent.code == 0, sent.all
    mails = outbox(workspace)

    counted = [one for one in mails if to(one) == "Ministry of Foreign Relations"]
    assert len(counted) == 2  # the campaign's own, and a digest
    assert "5 people" in " ".join(plain(counted[1]).split())
    for one in counted:
        assert named_in(*views(one)) == set()
    assert PEOPLE[0].words in " ".join(plain(counted[1]).split())  # what names nobody is quoted

    own = [one for one in mails if to(one) == "Ministry of Foreign Affairs"][1:]
    assert len(own) == len(PEOPLE)
    for one in own:
        whose = next(each for each in PEOPLE if named_in(*views(one), whom=CANARIES[each.name][:1]))
        others = tuple(each for name, several in CANARIES.items() if name != whose.name for each in several)
        assert named_in(*views(one), whom=others) == set()
        assert named_in(*views(one), whom=(whose.email,)) == set()

    listed = [one for one in mails if to(one) == "Department of External Affairs"][1:]
    assert len(listed) == 1
    assert all(one.name in plain(listed[0]) for one in PEOPLE)
    assert named_in(*views(listed[0]), whom=tuple(one.email for one in PEOPLE)) == set()

    for what, raw in files_of(tmp_path, outreach).items():
        assert named_in(*unpacked(raw)) == set(), what
    assert named_in((tmp_path / "serve.log").read_text()) == set()

    with served(workspace) as page:
        receipts = until(lambda: found if len(found := _managing(workspace)) == len(PEOPLE) else None)
        for raw, link in receipts:
            whose = next(each for each in PEOPLE if each.name in plain(raw))
            others = tuple(each for name, several in CANARIES.items() if name != whose.name for each in several)
            shown = page.visitor().get("/" + link.split("/", 3)[3]).text
            assert named_in(*views(raw), shown, whom=others) == set()
        seen = [page.visitor().get(path).text for path in ("", "privacy", "thanks", "link")]
        assert named_in(*seen) == set()
        other = Person(name="Ada Person", email="ada@mail.example", words="I ask what your position is on this.")
        visitor = page.visitor()
        seen = visitor.post(fields={**other.form, "stamp": visitor.get().field("stamp"), "do": "preview"}).text
        assert "Ada Person" in seen
        assert named_in(seen) == set()
    assert named_in((tmp_path / "serve.log").read_text()) == set()


def _managing(workspace: Path) -> list[tuple[bytes, str]]:
    return [(one, link) for one in outbox(workspace) for link in links(one, "manage")]


@pytest.mark.parametrize("shared", ["yes", ""], ids=["a letter for each", "one letter"])
def test_a_box_that_a_state_at_risk_reads_learns_no_names(workspace: Path, outreach: Outreach, shared: str) -> None:
    """Two institutions of one box: what one may know the other reads, be it written to or not."""
    states = (("qm", "QM", "Examplia", ""), ("qn", "QN", "Specimenia", "at-risk"))
    rows = [
        f"{id_}-trade-1,{code},{state},trade_ministry,Board of Trade of {state},trade@shared.example,invented,"
        f"2026-11-02,en,UTC,Mon-Fri,{tags},{shared}\n"
        for id_, code, state, tags in states
    ]
    lay_out(workspace, sheet=HEADER + "".join(rows))
    open_to_all(outreach)
    targets = ("qm-trade-1", "qn-trade-1") if shared else ("qm-trade-1",)
    with served(workspace) as page:
        assert page.write(Person(name=PEOPLE[0].name, email=PEOPLE[0].email, targets=targets)).status == 303
        assert page.follow(until(lambda: confirmations(workspace))[0]).status == 200
    assert outreach("send", "public").code == 0
    theirs = [one for one in outbox(workspace) if to(one).startswith("Board of Trade")]
    assert len(theirs) == 2 * len(targets)
    for one in theirs:
        assert named_in(*views(one)) == set()


@pytest.mark.parametrize("more", ["", 'delivery = "digest"\n'], ids=["a letter for each", "one letter"])
@pytest.mark.parametrize("before", [True, False], ids=["confirmed before", "confirmed after"])
@pytest.mark.timeout(120)
def test_who_was_told_that_nobody_is_named_stays_unnamed_whatever_is_approved_later(
    workspace: Path, outreach: Outreach, more: str, before: bool
) -> None:
    """The page said "how many" and "your address is shown to none": a wider frame is for those who see it."""
    early, late = PEOPLE[0], Person(name="Ada Person", email="ada@mail.example")
    lay_out(workspace)
    open_to_all(outreach)
    with served(workspace) as page:
        assert page.write(early).status == 303
        (link,) = until(lambda: confirmations(workspace))
        if before:
            assert page.follow(link).status == 200
    wider = '\n[[supporters.target]]\nstates = ["Specimenia"]\nexposure = "names"\n' + more
    file = workspace / "campaigns/public.toml"
    file.write_text(file.read_text().replace("[supporters]\n", '[supporters]\nreply_to = "supporter"\n') + wider)
    assert outreach("supporters", "approve", "public", "--yes", "--by", "Ana").code == 0
    with served(workspace) as page:
        if not before:
            shown = page.visitor().get("/" + link.split("/", 3)[3]).text
            assert shown.count("Will learn only how many people wrote") == 1
            assert page.follow(link).status == 200
        assert page.write(late).status == 303
        (other,) = until(lambda: [one for one in confirmations(workspace) if one != link])
        assert page.follow(other).status == 200
    assert outreach("send", "public").code == 0
    mails = outbox(workspace)
    theirs = [one for one in mails if to(one) == "Ministry of Foreign Relations"][1:]
    assert theirs
    assert more or any(late.name in view for one in theirs for view in views(one))
    for one in theirs:
        assert named_in(*views(one), whom=CANARIES[early.name]) == set()
    own = [one for one in mails if early.name in str(read(one)["From"])]
    assert [to(one) for one in own] == ["Ministry of Foreign Affairs"]
    assert named_in(*views(own[0]), whom=(early.email,)) == set()


def test_who_approves_sees_which_institutions_learn_names(workspace: Path, outreach: Outreach) -> None:
    """A number of them does not tell whether a state at risk is among them."""
    lay_out(workspace)
    open_to_all(outreach)
    lines = outreach("supporters", "approve", "public", "--yes", "--by", "Ana").out.splitlines()
    below = {one.split(";")[0].split("learn ")[1]: set() for one in lines if "learn " in one}
    for one, after in pairwise(lines):
        if "learn " in one:
            below[one.split(";")[0].split("learn ")[1]] |= set(after.strip().split(", "))
    assert below == {"names and places": {"qm-mfa-1", "qo-mfa-1"}, "how many, and nobody's name": {"qn-mfa-1"}}


def test_every_letter_of_supporters_is_in_the_status(workspace: Path, outreach: Outreach) -> None:
    """Not confirmed, held, confirmed, withdrawn, refused, forgotten: the numbers add up to all who sent a form."""
    lay_out(workspace, terms='blocked_words = ["watched"]')
    open_to_all(outreach)
    write_all(workspace)
    assert outreach("person", "erase", PEOPLE[1].email, "--yes").code == 0
    held = re.findall(r"(?m)^([a-z2-7]{26})  ", outreach("moderate", "public").out)
    assert len(held) == 1
    said = outreach("moderate", "public", "--refuse", held[0], "--reason", "a test", "--by", "Ana")
    assert said.code == 0, said.all
    found = re.findall(
        r"(\d+) (?:letters? )?(not|held|confirmed|withdrawn|refused|forgotten)",
        outreach("supporters", "status", "public").out,
    )
    assert {name: int(count) for count, name in found} == {
        "not": 0,
        "held": 0,
        "confirmed": 3,
        "withdrawn": 0,
        "refused": 1,
        "forgotten": 1,
    }


def test_a_row_without_the_tag_is_at_risk_where_another_of_its_state_has_it(
    workspace: Path, outreach: Outreach
) -> None:
    """A government reads what its ministry of trade gets."""
    row = (
        "qn-trade-1,QN,Specimenia,trade_ministry,Ministry of Trade,trade@specimenia.example,invented,2026-11-02,en,"
        "UTC,Sun-Thu,,\n"
    )
    lay_out(workspace, sheet=SHEET + row)
    open_to_all(outreach)
    said = outreach("supporters", "approve", "public", "--yes", "--by", "Ana").out
    assert "qn-mfa-1, qn-trade-1" in said
    assert said.index("nobody's name") < said.index("qn-trade-1")


def test_a_state_at_risk_that_may_see_names_warns_its_own_people(workspace: Path, outreach: Outreach) -> None:
    """The tag of the sheet goes all the way to the page, whatever a rule says of what is learnt."""
    lay_out(workspace)
    file = workspace / "campaigns/public.toml"
    file.write_text(file.read_text() + '\n[[supporters.target]]\nstates = ["Specimenia"]\nexposure = "names"\n')
    open_to_all(outreach)
    with served(workspace) as page:
        previews = {state: page.visitor().preview(targets=["qn-mfa-1"], state=state).text for state in ("QN", "QM")}
    assert "it would see your name and place" in previews["QN"]
    assert "Your own government" not in previews["QM"]
