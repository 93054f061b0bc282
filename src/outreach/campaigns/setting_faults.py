"""What is missing or wrong in the settings. Keys and lines are named, no value is ever quoted: it may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from outreach.campaigns.dotfile import NAME, DotFile
from outreach.campaigns.given import (
    AUTHSERV_ID,
    DATABASE_URL,
    ENVIRONMENT_ONLY,
    FOLDER,
    IMAP,
    KEYS,
    SECRET,
    SMTP,
    Door,
    Given,
    is_loopback,
)
from outreach.model.problem import Place, Problem, Severity
from outreach.model.server import Security

SHORTEST_SECRET = 32
_CHOICES = "ssl, starttls or, to this computer only, plain"


def server_faults(given: Given) -> Iterator[Problem]:
    """What keeps the mail server from being used."""
    yield from _door_faults(given, SMTP)


def mailbox_faults(given: Given) -> Iterator[Problem]:
    """What keeps the mailbox from being looked into."""
    yield from _door_faults(given, IMAP)
    if FOLDER in given and not given.text(FOLDER).isprintable():
        yield _bad(given, FOLDER, "It holds control characters.", "Write the folder's name, such as INBOX.")


def _door_faults(given: Given, door: Door) -> Iterator[Problem]:
    host, port, security, ca_file = map(door.key, ("HOST", "PORT", "SECURITY", "CA_FILE"))
    usual = " and ".join(f"{number} ({way})" for way, number in door.usual_ports.items())
    if host not in given:
        yield _missing(given, host, "It is not set.", f"Write your {door.name}'s name, such as {door.example}.")
    elif not re.fullmatch(r"[\w.:-]+", given.text(host)):
        yield _bad(given, host, "It is no server's name.", "Write the bare name, without user, port or slashes.")
    if port in given and given.port(door) is None:
        yield _bad(given, port, "It is no port: 1 to 65535.", f"Usual are {usual}.")
    if security in given and given.chosen(door) is None:
        yield _bad(given, security, "It is none of the choices.", f"Write {_CHOICES}.")
    if given.security(door) is Security.PLAIN:
        yield from _plain_faults(given, door)
    yield from _login_faults(given, door)
    named = given.ca_file(door)
    if ca_file in given and named is not None and not named.is_file():
        yield _bad(given, ca_file, "There is no such file.", "Name a PEM file, relative to the workspace.")


def _plain_faults(given: Given, door: Door) -> Iterator[Problem]:
    host, port, security = map(door.key, ("HOST", "PORT", "SECURITY"))
    if host in given and not is_loopback(given.text(host)):
        found = "plain would send passwords and letters unprotected through the network."
        yield _bad(given, security, found, f"Write starttls or ssl; plain is for a {door.name} on this computer.")
    if port not in given:
        yield _missing(given, port, "It is not set.", "plain has no usual port: write yours.")


def _login_faults(given: Given, door: Door) -> Iterator[Problem]:
    needed = given.security(door) is not Security.PLAIN or door is IMAP  # nobody's mailbox has no login
    user = given.key(door, "USER")
    keys = given.login_keys(door)
    password, command = (key in given for key in keys)
    if user not in given and (needed or password or command):
        yield _missing(given, user, "It is not set.", "Write the account's name, often its e-mail address.")
    if password and command:
        yield _bad(given, keys[1], f"{keys[0]} is set too.", "Keep one of the two.")
    elif not password and not command and (needed or user in given):
        yield _missing(given, keys[0], f"Neither it nor {keys[1]} is set.", "Set one of the two.")
    if command and not given.token_command(door):
        yield _bad(given, keys[1], "It cannot be split into words.", "Close its quotes.")


def secret_faults(given: Given) -> Iterator[Problem]:
    """What is wrong with the secret that keys Message-IDs and reply tokens."""
    if SECRET not in given:
        todo = "`outreach init .` writes a .env with one; to a .env that is there add it as .env.example explains."
        yield _missing(given, SECRET, "It is not set.", todo)
    elif len(given.text(SECRET)) < SHORTEST_SECRET:
        yield _bad(given, SECRET, f"It is shorter than {SHORTEST_SECRET} characters.", "Write 64 random ones.")


def database_faults(given: Given) -> Iterator[Problem]:
    """What is wrong with the live ledger's URL."""
    url = given.text(DATABASE_URL)
    if url and not re.match(r"(?:sqlite|postgresql)(?:\+\w+)?://", url):
        todo = "It begins with sqlite:/// or postgresql+psycopg://."
        yield _bad(given, DATABASE_URL, "It is no database we can use.", todo)


def authserv_faults(given: Given) -> Iterator[Problem]:
    """What is wrong with the name of our own mail server in Authentication-Results (RFC 8601 2.5)."""
    if AUTHSERV_ID in given and not re.fullmatch(r"[\w.-]+", given.text(AUTHSERV_ID)):
        todo = "Write the first word after Authentication-Results: in a mail that you got, such as mx.ngo.example."
        yield _bad(given, AUTHSERV_ID, "It is no server's name.", todo)


def doubtful(given: Given) -> Iterator[Problem]:
    """What may be meant so, and seldom is."""
    for door in (SMTP, IMAP):
        port, chosen = given.port(door), given.chosen(door)
        usual = {number: security for security, number in door.usual_ports.items()}.get(port or 0)
        if usual is not None and chosen in door.usual_ports and chosen is not usual:
            yield Problem(
                severity=Severity.WARNING,
                code="odd-port",
                found=f"Port {port} and {chosen} seldom go together.",
                todo=f"Most servers expect {usual} there.",
                place=_place(given, door.key("PORT")),
            )


def odd_lines(dotfile: DotFile) -> Iterator[Problem]:
    """Lines and keys of `.env` that mean nothing to us."""
    for line in dotfile.unreadable:
        found, todo = "This line is no setting.", "Write KEY='value', in single quotes, both of them on one line."
        yield _odd("unreadable-setting", found, todo, Place(path=NAME, row=line))
    for key, line in dotfile.lines.items():
        if key in KEYS or not key.upper().startswith("OUTREACH"):
            continue
        place = Place(path=NAME, row=line, column=key)
        if key in ENVIRONMENT_ONLY:
            yield _odd("unknown-setting", "It has no effect here.", f"Set it in the shell: export {key}=…", place)
            continue
        close = get_close_matches(key.upper(), KEYS, n=1, cutoff=0.75)
        todo = f"Did you mean {close[0]}?" if close else "Take it out; .env.example names all there are."
        yield _odd("unknown-setting", "There is no such setting.", todo, place)


def _odd(code: str, found: str, todo: str, place: Place) -> Problem:
    return Problem(severity=Severity.WARNING, code=code, found=found, todo=todo, place=place)


def _missing(given: Given, key: str, found: str, todo: str) -> Problem:
    return Problem(severity=Severity.FAULT, code="missing-setting", found=found, todo=todo, place=_place(given, key))


def _bad(given: Given, key: str, found: str, todo: str) -> Problem:
    return Problem(severity=Severity.FAULT, code="bad-setting", found=found, todo=todo, place=_place(given, key))


def _place(given: Given, key: str) -> Place:
    from_environment = key in given and key not in given.lines
    return Place(path="environment" if from_environment else NAME, row=given.lines.get(key, 0), column=key)
