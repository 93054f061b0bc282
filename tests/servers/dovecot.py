"""A real IMAP server (Dovecot) with TLS, on loopback, in a folder of its own; its mails lie in Maildirs."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import trustme

from outreach.model.server import Mailbox, Secret, Security, Server

HOST = "127.0.0.1"
USER = "campaign@org.example"
PASSWORD = "S3CR3T-canary"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
auth_failure_delay = 0
auth_verbose = yes
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {direct}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Journal {{
    auto = subscribe
  }}
}}
"""


class Dovecot:
    """A context manager. `direct` speaks TLS from the first byte, `starttls` after STARTTLS; no port does without."""

    def __init__(self, program: str, certificate: trustme.LeafCert, ca_file: str) -> None:
        self.program = program
        self.ca_file = ca_file
        self.folder = Path(tempfile.mkdtemp(prefix="imap-"))  # not pytest's: a Unix socket's path is short
        self.direct, self.starttls = _free_ports()
        (self.folder / "server.pem").write_bytes(
            certificate.private_key_pem.bytes() + b"".join(one.bytes() for one in certificate.cert_chain_pems)
        )
        self._configure()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", self.folder / "dovecot.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for port in (self.direct, self.starttls):
            self._wait_for(port)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def place(self, *, security: Security = Security.SSL, password: str = PASSWORD, **more) -> Mailbox:
        """How to reach it."""
        port = self.direct if security is Security.SSL else self.starttls
        known = {"host": HOST, "port": port, "user": USER, "password": Secret(password), "ca_file": self.ca_file}
        return Mailbox(server=Server(security=security, **known | more))

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """Deliver a mail into a folder, as another program would: new and unseen."""
        new = self._maildir(folder) / "new"
        name = f"{time.time_ns()}.put.here"
        (new.parent / "tmp" / name).write_bytes(raw)
        self._give(new.parent / "tmp" / name)
        (new.parent / "tmp" / name).rename(new / name)

    def mails(self, folder: str) -> list[bytes]:
        """What lies in a folder."""
        return [path.read_bytes() for path in sorted(self._maildir(folder).glob("[cn]*/*"))]

    def state(self) -> dict[str, bytes]:
        """Every mail with its flags, which Maildir keeps in the name: looking must not change it."""
        root = self.folder / "mail"
        paths = [path for path in sorted(root.rglob("*")) if path.parent.name in {"cur", "new"}]
        names = [(path.parent.parent.name, *path.name.partition(":2,")) for path in paths]
        return {
            f"{folder}/{name}:{flags}": path.read_bytes()
            for (folder, name, _, flags), path in zip(names, paths, strict=True)
        }

    def empty(self) -> None:
        """Take every mail away."""
        for path in (self.folder / "mail").rglob("*"):
            if path.parent.name in {"cur", "new"}:
                path.unlink()

    def _maildir(self, folder: str) -> Path:
        root = self.folder / "mail"
        place = root if folder == "INBOX" else root / f".{folder}"
        for part in (place, *(place / name for name in ("cur", "new", "tmp"))):
            if not part.is_dir():
                part.mkdir()
                self._give(part)
        return place

    def _configure(self) -> None:
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        self.mail_user = pwd.getpwnam("nobody") if root else me
        names = {"internal": "dovecot", "login": "dovenull", "group": "dovecot"} if root else {}
        config = _CONFIG.format(
            folder=self.folder,
            direct=self.direct,
            starttls=self.starttls,
            password=PASSWORD,
            uid=self.mail_user.pw_uid,
            gid=self.mail_user.pw_gid,
            **names or {"internal": me.pw_name, "login": me.pw_name, "group": str(me.pw_gid)},
        )
        (self.folder / "dovecot.conf").write_text(config)
        self.folder.chmod(0o711)
        for name in ("mail", "home"):
            (self.folder / name).mkdir()
            self._give(self.folder / name)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.mail_user.pw_uid, self.mail_user.pw_gid)

    def _wait_for(self, port: int) -> None:
        end = time.monotonic() + 15
        while self.process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection((HOST, port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        log = (self.folder / "log").read_text() if (self.folder / "log").exists() else ""
        raise AssertionError(f"Dovecot does not start: {log}")


def _free_ports() -> tuple[int, int]:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]
