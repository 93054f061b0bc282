"""Settings: the environment wins over .env, everything wrong is told at once, and no secret ever shows."""

from __future__ import annotations

import dataclasses
import logging
import pickle
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.campaigns.given import KEYS, is_loopback
from outreach.campaigns.settings import Settings, load_settings
from outreach.errors import SettingsError
from outreach.model.problem import Severity
from outreach.model.server import Secret, Security, Server

CANARY = "S3CR3T-canary"
LONG = "x" * 32
WHOLE = {
    "OUTREACH_SMTP_HOST": "smtp.ngo.example",
    "OUTREACH_SMTP_USER": "letters@ngo.example",
    "OUTREACH_SMTP_PASSWORD": "pass",
    "OUTREACH_SECRET": LONG,
}


def with_dotfile(workspace: Path, text: str, environ: Mapping[str, str] | None = None) -> Settings:
    file = workspace / ".env"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return load_settings(workspace, environ or {})


def without(*keys: str, **more: str) -> dict[str, str]:
    kept = {
        key: value for key, value in WHOLE.items() if key.removeprefix("OUTREACH_").removeprefix("SMTP_") not in keys
    }
    names = {"SECRET": "OUTREACH_SECRET", "DATABASE_URL": "OUTREACH_DATABASE_URL"}
    return kept | {names.get(key, f"OUTREACH_SMTP_{key}"): value for key, value in more.items()}


def test_the_file_gives_and_the_environment_wins(workspace: Path) -> None:
    """A variable of the environment stands above a line of .env; an empty one does not."""
    text = "OUTREACH_SMTP_HOST=file.example\nOUTREACH_SMTP_USER=file\nOUTREACH_SMTP_PASSWORD='p'\n"
    server = with_dotfile(
        workspace, text, {"OUTREACH_SMTP_HOST": "environment.example", "OUTREACH_SMTP_USER": ""}
    ).server()
    assert (server.host, server.user) == ("environment.example", "file")


def test_reading_settings_leaves_the_environment_alone(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets of .env are not handed to child processes."""
    import os

    before = dict(os.environ)
    with_dotfile(workspace, f"OUTREACH_SMTP_PASSWORD={CANARY}\nOTHER=1\n")
    assert dict(os.environ) == before


def test_without_a_file_there_are_defaults(workspace: Path) -> None:
    """No .env: a rehearsal works, and the live ledger is a file of the workspace."""
    found = load_settings(workspace, {})
    assert found.problems(live=False) == []
    assert found.secret is None
    assert found.database_url == f"sqlite:///{workspace.resolve()}/.outreach/live/live.db"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sqlite:///ledger.db", "sqlite:///{root}/ledger.db"),
        ("sqlite:///./kept/a?b%c.db", "sqlite:///{root}/kept/a?b%c.db"),
        ("sqlite+pysqlite:///ledger.db", "sqlite+pysqlite:///{root}/ledger.db"),
        ("sqlite:////srv/ledger.db", "sqlite:////srv/ledger.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:///", "sqlite:///"),
        ("postgresql://u@db.example/x", "postgresql://u@db.example/x"),
    ],
)
def test_a_ledgers_file_is_the_same_from_every_folder(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, meant: str
) -> None:
    """Typed elsewhere with --workspace, a command finds the ledger that knows what was sent, and makes no other."""
    monkeypatch.chdir(tmp_path)
    found = load_settings(workspace, {"OUTREACH_DATABASE_URL": written})
    assert found.database_url == meant.format(root=workspace.resolve())


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("'p$HOME'", "p$HOME"),
        ("'p${HOME}'", "p${HOME}"),
        ('"p${HOME}"', "p${HOME}"),
        ("p${HOME}", "p${HOME}"),
        ("'p#w d'", "p#w d"),
        ("' p '", " p "),
        ("'p #w'", "p #w"),
        ("p#w", "p#w"),
        ("'p\"w'", 'p"w'),
        (r"'p\'w'", "p'w"),
        (r"'p\\w'", r"p\w"),
        ("'pässwörd'", "pässwörd"),
        ("'a=b'", "a=b"),
        # The traps: why .env.example says single quotes.
        ("p #w", "p"),
        (r'"p\nw"', None),
    ],
)
def test_single_quotes_keep_a_password_as_it_is(workspace: Path, written: str, password: str | None) -> None:
    """In single quotes nothing but ' and backslash means anything; no variable is ever put in."""
    text = f"OUTREACH_SMTP_HOST=smtp.ngo.example\nOUTREACH_SMTP_USER=u\nOUTREACH_SMTP_PASSWORD={written}\n"
    found = with_dotfile(workspace, text)
    if password is None:
        assert [one.code for one in found.odd] == ["unreadable-setting"]
    else:
        assert found.server().password == Secret(password)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20))
def test_any_password_survives_single_quotes(workspace: Path, password: str) -> None:
    """What the rule of .env.example says holds for every password of one line."""
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    text = f"OUTREACH_SMTP_HOST=h.example\nOUTREACH_SMTP_USER=u\nOUTREACH_SMTP_PASSWORD='{quoted}'\n"
    found = with_dotfile(workspace, text)
    assert found.given.text("OUTREACH_SMTP_PASSWORD") == (password if password.strip() else "")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o601])
def test_a_file_that_others_can_touch_is_refused(workspace: Path, mode: int) -> None:
    """Readable or writable by group or others: refused, with the command that closes it."""
    file = workspace / ".env"
    file.write_text(f"OUTREACH_SMTP_PASSWORD={CANARY}\n")
    file.chmod(mode)
    with pytest.raises(SettingsError) as caught:
        load_settings(workspace, {})
    assert f"chmod 600 {file}" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_folder_named_env_is_no_settings(workspace: Path) -> None:
    """A folder or a pipe in the place of .env is said to be none."""
    (workspace / ".env").mkdir(mode=0o700)
    with pytest.raises(SettingsError, match="no plain file"):
        load_settings(workspace, {})


def test_a_file_that_is_not_utf8_is_refused_without_its_bytes(workspace: Path) -> None:
    """Not even the error's chain holds the file's content."""
    file = workspace / ".env"
    file.write_bytes(f"OUTREACH_SMTP_PASSWORD={CANARY}\xe9\n".encode("latin-1"))
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="UTF-8") as caught:
        load_settings(workspace, {})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


SERVERS = [
    ("starttls-by-default", without(), (587, Security.STARTTLS)),
    ("ssl-by-port", without(PORT="465"), (465, Security.SSL)),
    ("port-by-ssl", without(SECURITY="ssl"), (465, Security.SSL)),
    ("capitals", without(SECURITY="STARTTLS"), (587, Security.STARTTLS)),
    ("own-port", without(SECURITY="ssl", PORT="8465"), (8465, Security.SSL)),
    (
        "plain-here",
        without("HOST", "USER", "PASSWORD", HOST="localhost", SECURITY="plain", PORT="25"),
        (25, Security.PLAIN),
    ),
    ("plain-here-v6", without("HOST", HOST="::1", SECURITY="plain", PORT="25"), (25, Security.PLAIN)),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in SERVERS], ids=[row[0] for row in SERVERS])
def test_a_server_is_what_was_set(workspace: Path, given: dict[str, str], expected: tuple[int, Security]) -> None:
    """Port and protection complete each other by what is usual."""
    found = load_settings(workspace, given)
    server = found.server()
    assert (server.port, server.security) == expected
    assert found.problems() == []


def test_a_token_command_replaces_the_password(workspace: Path) -> None:
    """Its words are split as a shell would, without a shell."""
    found = load_settings(workspace, without("PASSWORD", TOKEN_COMMAND="/bin/token 'for me'"))
    assert found.server().token_command == ("/bin/token", "for me")
    assert found.server().password is None


def test_a_certificate_file_is_taken_from_the_workspace(workspace: Path) -> None:
    """Relative to the workspace, wherever the command runs."""
    (workspace / "ca.pem").touch()
    assert load_settings(workspace, without(CA_FILE="ca.pem")).server().ca_file == str(workspace.resolve() / "ca.pem")


WRONG = [
    ("nothing", {}, {"HOST", "USER", "PASSWORD", "OUTREACH_SECRET"}),
    ("no-host", without("HOST"), {"HOST"}),
    ("host-url", without("HOST", HOST="smtps://smtp.ngo.example/"), {"HOST"}),
    ("host-user", without("HOST", HOST="user@smtp.ngo.example"), {"HOST"}),
    ("port-word", without(PORT="smtp"), {"PORT"}),
    ("port-0", without(PORT="0"), {"PORT"}),
    ("port-65536", without(PORT="65536"), {"PORT"}),
    ("port-arabic-digits", without(PORT="٤٦٥"), {"PORT"}),
    ("security-word", without(SECURITY="tls1.3"), {"SECURITY"}),
    ("plain-elsewhere", without(SECURITY="plain", PORT="25"), {"SECURITY"}),
    ("plain-nearly-here", without("HOST", HOST="localhost.ngo.example", SECURITY="plain", PORT="25"), {"SECURITY"}),
    ("plain-no-port", without("HOST", HOST="127.0.0.1", SECURITY="plain"), {"PORT"}),
    ("no-user", without("USER"), {"USER"}),
    ("no-password", without("PASSWORD"), {"PASSWORD"}),
    ("user-alone-plain", without("HOST", "PASSWORD", HOST="127.0.0.1", SECURITY="plain", PORT="25"), {"PASSWORD"}),
    ("password-and-token", without(TOKEN_COMMAND="/bin/token"), {"TOKEN_COMMAND"}),
    ("token-open-quote", without("PASSWORD", TOKEN_COMMAND="/bin/token 'x"), {"TOKEN_COMMAND"}),
    ("no-ca-file", without(CA_FILE="gone.pem"), {"CA_FILE"}),
    ("secret-missing", without("SECRET"), {"OUTREACH_SECRET"}),
    ("secret-short", without(SECRET="x" * 31), {"OUTREACH_SECRET"}),
    ("database", without(DATABASE_URL="mysql://db.example/x"), {"OUTREACH_DATABASE_URL"}),
    ("many", {"OUTREACH_SMTP_PORT": "x", "OUTREACH_SMTP_SECURITY": "y"},
     {"HOST", "PORT", "SECURITY", "USER", "PASSWORD", "OUTREACH_SECRET"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "keys"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_everything_missing_or_wrong_is_told_at_once(workspace: Path, given: dict[str, str], keys: set[str]) -> None:
    """Live, each is a fault at its key; a rehearsal is never stopped by them."""
    expected = {key if key.startswith("OUTREACH_") else f"OUTREACH_SMTP_{key}" for key in keys}
    found = load_settings(workspace, given)
    faults = [one for one in found.problems(live=True) if one.severity is Severity.FAULT]
    assert {one.place.column for one in faults} == expected
    assert len(faults) == len(expected)
    assert all(one.severity is not Severity.FAULT for one in found.problems(live=False))
    server_keys = expected - {"OUTREACH_SECRET", "OUTREACH_DATABASE_URL"}
    if server_keys:
        with pytest.raises(SettingsError) as caught:
            found.server()
        assert all(key in str(caught.value) for key in server_keys)
    else:
        assert isinstance(found.server(), Server)


def test_a_fault_of_the_file_has_its_line(workspace: Path) -> None:
    """A wrong line of .env is told with its number, one of the environment by that name."""
    text = "# remark\n\nOUTREACH_SMTP_HOST='h.example'\nexport OUTREACH_SMTP_PORT=nine\n"
    (one,) = (p for p in with_dotfile(workspace, text).problems() if p.code == "bad-setting")
    assert (one.place.path, one.place.row, one.place.column) == (".env", 4, "OUTREACH_SMTP_PORT")
    (other,) = (p for p in load_settings(workspace, without(PORT="nine")).problems() if p.code == "bad-setting")
    assert (other.place.path, other.place.row) == ("environment", 0)


def test_lines_that_mean_nothing_are_pointed_out(workspace: Path) -> None:
    """A misspelt key, one that comes too late, a broken line: warnings in either mode. Other keys are not ours."""
    text = (
        "OUTREACH_SMTP_PASWORD=x\nOUTREACH_WORKSPACE=/tmp\nthis is no setting\nOUTREACH_COLOUR=red\n"
        "MY_OWN=1\nOUTREACH_SMTP_HOST\nOUTREACH_SMTP_USER='open\n"
    )
    found = with_dotfile(workspace, text)
    for live in (True, False):
        odd = [one for one in found.problems(live=live) if one.code in {"unknown-setting", "unreadable-setting"}]
        assert {one.severity for one in odd} == {Severity.WARNING}
        assert sorted((one.place.row, one.place.column) for one in odd) == [
            (1, "OUTREACH_SMTP_PASWORD"),
            (2, "OUTREACH_WORKSPACE"),
            (3, ""),
            (4, "OUTREACH_COLOUR"),
            (6, ""),
            (7, ""),
        ]
        assert "OUTREACH_SMTP_PASSWORD?" in " ".join(one.todo for one in odd)


BOXES = [
    ("ssl-by-default", {}, (993, Security.SSL)),
    ("starttls-by-port", {"PORT": "143"}, (143, Security.STARTTLS)),
    ("port-by-starttls", {"SECURITY": "starttls"}, (143, Security.STARTTLS)),
    ("own-port", {"PORT": "9930"}, (9930, Security.SSL)),
    ("plain-here", {"HOST": "localhost", "SECURITY": "plain", "PORT": "1143"}, (1143, Security.PLAIN)),
]


def boxed(**more: str) -> dict[str, str]:
    return WHOLE | {f"OUTREACH_IMAP_{key}": value for key, value in {"HOST": "imap.ngo.example", **more}.items()}


@pytest.mark.parametrize(("given", "wanted"), [one[1:] for one in BOXES], ids=[one[0] for one in BOXES])
def test_a_mailbox_has_its_own_usual_ports(
    workspace: Path, given: dict[str, str], wanted: tuple[int, Security]
) -> None:
    """993 and TLS from the first byte unless something else is said."""
    found = load_settings(workspace, boxed(**given))
    assert found.problems() == []
    assert (found.mailbox().server.port, found.mailbox().server.security) == wanted


def test_a_mailbox_takes_the_login_of_the_mail_server_unless_it_has_its_own(workspace: Path) -> None:
    """User, authority and password or token fall back each for itself; password and token are never mixed."""
    (workspace / "ca.pem").touch()
    shared = load_settings(workspace, boxed() | {"OUTREACH_SMTP_CA_FILE": "ca.pem"}).mailbox()
    assert (shared.server.user, shared.server.password) == ("letters@ngo.example", Secret("pass"))
    assert shared.server.ca_file == str(workspace.resolve() / "ca.pem")
    assert shared.folder == "INBOX"
    own = load_settings(workspace, boxed(USER="box", TOKEN_COMMAND="token me", FOLDER="Answers")).mailbox()
    assert (own.server.user, own.server.password, own.server.token_command) == ("box", None, ("token", "me"))
    assert own.folder == "Answers"


def test_without_a_mailbox_nothing_is_missing(workspace: Path) -> None:
    """It is no fault to have none; to ask for it is, and says what to write."""
    found = load_settings(workspace, WHOLE)
    assert not found.has_mailbox
    assert found.problems() == []
    with pytest.raises(SettingsError, match="OUTREACH_IMAP_HOST"):
        found.mailbox()


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({"HOST": ""}, set()),
        ({"HOST": "", "FOLDER": "Answers"}, {"HOST"}),
        ({"HOST": "imap://imap.example", "PORT": "x", "SECURITY": "none"}, {"HOST", "PORT", "SECURITY"}),
        ({"SECURITY": "plain"}, {"SECURITY", "PORT"}),
        ({"PASSWORD": "p", "TOKEN_COMMAND": "t"}, {"TOKEN_COMMAND"}),
        ({"TOKEN_COMMAND": "'t"}, {"TOKEN_COMMAND"}),
        ({"CA_FILE": "nowhere.pem"}, {"CA_FILE"}),
        ({"FOLDER": "IN\r\nBOX"}, {"FOLDER"}),
    ],
)
def test_every_fault_of_a_mailbox_is_told_at_once(workspace: Path, more: dict[str, str], keys: set[str]) -> None:
    """Each at its key, and what falls back on the mail server's login is told of once."""
    told = [one.place.column for one in load_settings(workspace, boxed(**more)).problems()]
    assert sorted(told) == sorted(f"OUTREACH_IMAP_{key}" for key in keys)


def test_a_login_that_both_servers_lack_is_told_of_at_its_own_key(workspace: Path) -> None:
    """Without the mail server's login the mailbox wants its own."""
    found = load_settings(workspace, without("USER", "PASSWORD") | {"OUTREACH_IMAP_HOST": "imap.ngo.example"})
    told = {one.place.column for one in found.problems()}
    assert told == {f"OUTREACH_{door}_{key}" for door in ("SMTP", "IMAP") for key in ("USER", "PASSWORD")}


def test_an_odd_pair_of_port_and_protection_is_a_warning(workspace: Path) -> None:
    """465 with starttls hangs with most servers: said, not forbidden."""
    found = load_settings(workspace, without(PORT="465", SECURITY="starttls"))
    assert [(one.code, one.severity) for one in found.problems()] == [("odd-port", Severity.WARNING)]
    assert found.server().port == 465


def test_no_secret_shows_anywhere(workspace: Path, caplog: pytest.LogCaptureFixture) -> None:
    """repr, str, asdict, pickles, problems, errors, tracebacks and logs: the canary is in none of them."""
    caplog.set_level(logging.DEBUG)
    everywhere = "".join(
        f"{key}='{CANARY} {CANARY}\n" if key == "OUTREACH_SMTP_USER" else f"{key}='{CANARY}'\n" for key in KEYS
    )
    broken = f"OUTREACH_SMTP_PASSWORD '{CANARY}'\nOUTREACH_X={CANARY}\n{CANARY}\nOUTREACH_SMTP_PASWORD='{CANARY}\n"
    for text in (everywhere, broken, f"OUTREACH_SMTP_PASSWORD='{CANARY}'\nOUTREACH_SECRET='{CANARY * 4}'\n"):
        found = with_dotfile(workspace, text)
        shown = [repr(found), str(found), repr(found.given), str(dataclasses.asdict(found.given)), repr(found.secret)]
        shown += [f"{one!r} {one}" for live in (True, False) for one in found.problems(live=live)]
        with pytest.raises(SettingsError) as caught:
            found.server()
        shown += [str(caught.value), "".join(traceback.format_exception(caught.value))]
        assert CANARY not in " ".join([*shown, caplog.text])
        with pytest.raises(TypeError):
            pickle.dumps(found)


def test_a_server_shows_no_password(workspace: Path) -> None:
    """What is handed to the transport keeps the secret to itself too."""
    server = load_settings(workspace, without("PASSWORD", PASSWORD=CANARY)).server()
    assert server.password == Secret(CANARY)
    assert CANARY not in f"{server!r} {server} {server.account}"


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("127.0.0.1.ngo.example", False),
        ("localhost.ngo.example", False),
        ("10.0.0.1", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_only_this_computer_is_loopback(host: str, here: bool) -> None:
    """Names and addresses that merely look like it are not."""
    assert is_loopback(host) is here
