"""Files that prove what a state says."""

import hashlib
import os

import pytest

from outreach.errors import InboxError
from outreach.inbox.document import LARGEST, read_document, shown_name

SENTENCE = "Examplia soutient l’arrêt."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", SENTENCE.encode()),
        ("a.txt", SENTENCE.encode("utf-8-sig")),
        ("a.txt", SENTENCE.encode("utf-16")),
        ("a.html", f"<p>Examplia <b>soutient</b> l&rsquo;arr&ecirc;t.<script>{SENTENCE[::-1]}</script>".encode()),
        ("saved", f"<!DOCTYPE html><title>x</title><p>{SENTENCE}".encode()),
        ("a.eml", b"Subject: x\r\nContent-Type: text/plain; charset=cp1252\r\n\r\n" + SENTENCE.encode("cp1252")),
        (
            "a.eml",
            b"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>%s</p>"
            % b"Examplia soutient l=E2=80=99arr=C3=AAt.",
        ),
        ("a.eml", b"Content-Type: text/plain; charset=no-such\n\n" + SENTENCE.encode()),
    ],
)
def test_the_text_of_texts_pages_and_mails_is_read(tmp_path, name, content):
    """Whatever its encoding; the bytes and their hash are the file's own."""
    file = tmp_path / name
    file.write_bytes(content)
    made = read_document(file)
    assert SENTENCE in made.text
    assert (made.content, made.sha256) == (content, hashlib.sha256(content).hexdigest())


def test_an_old_encoding_without_a_word_of_it_is_found_out(tmp_path):
    """A text file says nothing of its encoding."""
    file = tmp_path / "a.txt"
    file.write_bytes("Министерството подкрепя незабавен мораториум върху продажбата.".encode("cp1251"))
    assert "подкрепя незабавен мораториум" in read_document(file).text


@pytest.mark.parametrize("content", [b"%PDF-1.7 text", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04\0", b"{\\rtf1 text}"])
def test_a_scan_has_no_text(tmp_path, content):
    """Nothing is claimed of what cannot be read here."""
    (tmp_path / "scan").write_bytes(content)
    assert read_document(tmp_path / "scan").text is None


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 3000,
        b"To: " + b"(" * 20_000 + b"\n\nWords",
        b"Content-Type: text/plain; charset*=%\n\n\xff",
        b"\n",
        b'Content-Type: text/plain; charset="u\\x00tf"\n\nWords',
    ],
)
def test_a_hostile_mail_is_read_or_not_and_nothing_falls_over(tmp_path, content):
    """Nested parts, endless brackets, broken charsets."""
    (tmp_path / "a.eml").write_bytes(content)
    assert read_document(tmp_path / "a.eml").content == content


def test_what_is_no_file_is_refused_at_once(tmp_path):
    """A folder, a pipe that nobody writes to, nothing at all, an empty file, one that is too large."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(LARGEST + 1)
    said = {
        "pipe": "no file",
        "": "directory|no file",
        "none": "No such file",
        "empty": "empty",
        "large": "larger than",
    }
    for name, words in said.items():
        with pytest.raises(InboxError, match=words) as error:
            read_document(tmp_path / name)
        assert error.value.todo


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/cron.d/x", "x"),
        ("C:\\a\\scan.pdf", "scan.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00\nb.pdf", "ab.pdf"),
        ("\u200b", "file"),
        ("x" * 300 + ".pdf", "x" * 115 + "….pdf"),
        ("y" * 300, "y" * 120),
    ],
)
def test_a_files_name_is_shown_safely(name, shown):
    """No folder, no control, no reversed ending, no end to it."""
    assert shown_name(name) == shown
    assert len(shown) <= 120
