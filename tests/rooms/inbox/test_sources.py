"""Maildir, mbox and files: read while others write, rename and delete, and left byte for byte as they were."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from outreach.errors import InboxError
from outreach.inbox import EmlSource, MaildirSource, MboxSource, maildir_source, mbox_source, raw
from outreach.model.collected import Bookmark


def mail(number: int, *, body: str = "Words.") -> bytes:
    return f"From: a@x.example\nSubject: {number}\nMessage-ID: <{number}@x.example>\n\n{body}\n".encode()


def wire(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def put(maildir: Path, number: int, *, folder: str = "new", flags: str = "") -> Path:
    path = maildir / folder / f"17000000{number:02}.M{number}P1.here{flags}"
    path.write_bytes(mail(number))
    return path


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {str(one.relative_to(folder)): (one.read_bytes(), one.stat().st_mtime_ns) for one in files}


def read(source, since: Bookmark = Bookmark()):  # noqa: B008
    """All mails behind a bookmark, and the bookmark behind them."""
    mails = []
    for batch in source.read(since):
        mails += batch.mails
        names = since.names | batch.after.names
        after = batch.after
        since = Bookmark(uid=after.uid, position=after.position, seal=after.seal, names=names)
    return mails, since


def subjects(mails) -> list[bytes]:
    return [one.raw.split(b"Subject: ")[1].split(b"\r\n")[0] for one in mails]


# Maildir


def test_a_maildir_is_read_once_and_left_as_it_was(maildir: Path) -> None:
    """New mails alone come the second time; nothing is renamed or moved, and tmp is nobody's business."""
    put(maildir, 1)
    put(maildir, 2, folder="cur", flags=":2,RS")
    (maildir / "tmp" / "half").write_bytes(b"half a mail")
    before = state(maildir)
    mails, since = read(MaildirSource(maildir))
    assert sorted(subjects(mails)) == [b"1", b"2"]
    assert mails[0].raw == wire(mail(1))
    assert state(maildir) == before
    put(maildir, 3)
    again, _ = read(MaildirSource(maildir), since)
    assert subjects(again) == [b"3"]


def test_a_mail_that_was_read_elsewhere_meanwhile_is_the_same_mail(maildir: Path) -> None:
    """From new to cur, with flags: its unique name stays."""
    path = put(maildir, 1)
    _, since = read(MaildirSource(maildir))
    path.rename(maildir / "cur" / f"{path.name}:2,S")
    assert read(MaildirSource(maildir), since)[0] == []


def test_renames_and_deletions_during_the_scan_are_survived(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What moved is found where it lies by now; what is gone is counted, and the others come."""
    paths = [put(maildir, number) for number in range(6)]
    monkeypatch.setattr(maildir_source, "MANY", 2)
    source = MaildirSource(maildir)
    batches = source.read(Bookmark())
    mails = list(next(batches).mails)
    paths[2].rename(maildir / "cur" / f"{paths[2].name}:2,S")
    paths[3].unlink()
    paths[4].rename(maildir / "cur" / f"{paths[4].name}:2,F")
    for batch in batches:
        mails += batch.mails
    assert subjects(mails) == [b"0", b"1", b"2", b"4", b"5"]
    assert source.gone == 1


def test_what_is_no_mail_is_told_and_stops_nothing(maildir: Path) -> None:
    """A pipe and a folder are no mails; a hidden file is passed over."""
    put(maildir, 1)
    os.mkfifo(maildir / "new" / "pipe")
    (maildir / "new" / "folder").mkdir()
    (maildir / "new" / ".hidden").write_bytes(b"x")
    (batch,) = MaildirSource(maildir).read(Bookmark())
    assert subjects(batch.mails) == [b"1"]
    assert len(batch.troubles) == 2


def test_a_folder_that_is_no_maildir_is_said(tmp_path: Path) -> None:
    with pytest.raises(InboxError, match="no Maildir"):
        list(MaildirSource(tmp_path).read(Bookmark()))


def test_of_a_mail_that_is_too_large_the_head_is_kept(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason; the same head from a file and from a server makes the same mail."""
    monkeypatch.setattr(raw, "LARGEST_MAIL", 1_000)
    (maildir / "new" / "1.large").write_bytes(mail(1, body="x" * 2_000))
    ((large,), _) = read(MaildirSource(maildir))
    assert large.raw == wire(mail(1)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert "larger than" in large.lacks
    assert large.size > 2_000
    assert raw.mail(wire(mail(1, body="x" * 2_000)), where="").sha256 == large.sha256


# mbox


def entry(number: int, *, body: str = "Words.") -> bytes:
    return b"From a@x.example Tue Mar  3 10:00:00 2026\n" + mail(number, body=body) + b"\n"


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    path = tmp_path / "archive.mbox"
    path.write_bytes(entry(1) + entry(2))
    return path


def test_an_mbox_is_read_once_and_left_as_it_was(mbox: Path) -> None:
    """The mails are those of a Maildir that has them; what is appended comes the next time."""
    before = mbox.read_bytes(), mbox.stat().st_mtime_ns
    mails, since = read(MboxSource(mbox))
    assert [one.raw for one in mails] == [wire(mail(1)), wire(mail(2))]
    assert (mbox.read_bytes(), mbox.stat().st_mtime_ns) == before
    assert read(MboxSource(mbox), since)[0] == []
    with mbox.open("ab") as file:
        file.write(entry(3))
    assert subjects(read(MboxSource(mbox), since)[0]) == [b"3"]


def test_sentences_that_begin_with_from_part_nothing(tmp_path: Path) -> None:
    """Escaped or not; one `>` of an escape is taken away."""
    body = "One.\n\n>From the minister: no.\n>>From afar.\n\nFrom the beginning we said so."
    path = tmp_path / "m"
    path.write_bytes(entry(1, body=body) + entry(2))
    mails, _ = read(MboxSource(path))
    assert subjects(mails) == [b"1", b"2"]
    assert b"\r\nFrom the minister" in mails[0].raw
    assert b"\r\n>From afar" in mails[0].raw


def test_a_mail_in_the_making_is_left_for_the_next_time(mbox: Path) -> None:
    """Until its empty line is there, or the file rests."""
    whole = mbox.read_bytes()
    with mbox.open("ab") as file:
        file.write(entry(3)[:-1])
    now = mbox.stat().st_mtime
    mails, since = read(MboxSource(mbox, now=lambda: now + 1))
    assert subjects(mails) == [b"1", b"2"]
    mbox.write_bytes(whole + entry(3))
    assert subjects(read(MboxSource(mbox, now=lambda: now + 1), since)[0]) == [b"3"]
    mbox.write_bytes(whole + entry(3)[:-1])
    mails, since = read(MboxSource(mbox, now=lambda: now + 1_000_000))
    assert subjects(mails) == [b"1", b"2", b"3"]


def test_a_mail_that_was_read_half_is_read_whole_when_the_rest_is_there(mbox: Path) -> None:
    """Half a mail that ends in an empty line looks whole."""
    half = entry(3, body="One.\n\nTwo.")
    cut = half.index(b"Two.")
    whole = mbox.read_bytes()
    mbox.write_bytes(whole + half[:cut])
    mails, since = read(MboxSource(mbox))
    assert subjects(mails) == [b"1", b"2", b"3"]
    mbox.write_bytes(whole + half + entry(4))
    again, _ = read(MboxSource(mbox), since)
    assert subjects(again) == [b"3", b"4"]
    assert again[0].raw == wire(mail(3, body="One.\n\nTwo."))


def test_an_mbox_that_was_made_anew_is_read_anew(mbox: Path) -> None:
    """A program took mails out of it: the position means nothing any more."""
    _, since = read(MboxSource(mbox))
    mbox.write_bytes(entry(2) + entry(5) + entry(6))
    assert subjects(read(MboxSource(mbox), since)[0]) == [b"2", b"5", b"6"]


def test_what_programs_note_in_an_mbox_is_no_part_of_the_mail(mbox: Path) -> None:
    """Read and numbered by somebody, it is the same mail."""
    before = read(MboxSource(mbox))[0]
    noted = mbox.read_bytes().replace(b"Subject: 1\n", b"Status: RO\nSubject: 1\nX-UID: 7\nContent-Length: 7\n")
    mbox.write_bytes(noted.replace(b"Message-ID: <2", b"X-Status: A\n  B\nMessage-ID: <2"))
    assert [one.sha256 for one in read(MboxSource(mbox))[0]] == [one.sha256 for one in before]


def test_whoever_has_locked_an_mbox_is_waited_for_and_not_for_ever(mbox: Path) -> None:
    """A lock file beside it, or a lock on it by another process; ours is let go between batches."""
    slept: list[float] = []
    beside = mbox.with_name("archive.mbox.lock")
    beside.touch()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            beside.unlink()

    assert len(read(MboxSource(mbox, sleep=sleep))[0]) == 2
    assert len(slept) == 3
    beside.touch()
    with pytest.raises(InboxError, match="locked"):
        read(MboxSource(mbox, sleep=slept.append))


def test_others_can_write_while_a_batch_is_looked_at(mbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is held while bytes are read, not while anything is made of them."""
    monkeypatch.setattr(mbox_source, "MANY", 1)
    batches = MboxSource(mbox).read(Bookmark())
    first = next(batches)
    words = "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)"
    words += "; f.seek(0, 2); f.write(bytes.fromhex(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", words, str(mbox), entry(3).hex()], check=True)
    assert subjects([*first.mails, *(one for batch in batches for one in batch.mails)]) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_mbox_has_no_mail(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m"
    path.write_bytes(content)
    assert read(MboxSource(path))[0] == []


def test_what_is_no_mbox_is_said(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(b"Dear Sir or Madam,\n")
    for wrong in (path, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InboxError, match="cannot be read"):
            read(MboxSource(wrong))


def test_a_large_mail_in_an_mbox_hides_none_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (raw, mbox_source):
        monkeypatch.setattr(module, "LARGEST_MAIL", 500_000)
    path = tmp_path / "m"
    path.write_bytes(entry(1, body="word word word\n" * 60_000) + entry(2))
    mails, _ = read(MboxSource(path))
    assert subjects(mails) == [b"1", b"2"]
    assert (bool(mails[0].lacks), mails[1].lacks) == (True, "")


# files


def test_files_are_read_and_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1))
    (tmp_path / "b.eml").write_bytes(wire(mail(1)))
    mails, _ = read(EmlSource([tmp_path / "a.eml", tmp_path / "b.eml"]))
    assert mails[0].sha256 == mails[1].sha256
    for wrong in (tmp_path / "c.eml", tmp_path):
        with pytest.raises(InboxError, match="cannot be read"):
            read(EmlSource([wrong]))
