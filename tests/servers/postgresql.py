"""A real PostgreSQL server for one run of tests."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from support.servers import needs_server


class PostgreSQL:
    """A PostgreSQL server of our own, in a folder of its own, reachable from this machine alone."""

    def __init__(self, binaries):
        self.binaries = Path(binaries)
        # PostgreSQL refuses to run as root: its package brings a user for it.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self._run("initdb", "-D", self.data, "-U", "outreach", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.start()
        self.made = 0
        self.shared = ""

    @property
    def data(self):
        return self.folder / "data"

    def _run(self, program, *arguments):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        done = subprocess.run(
            [self.binaries / program, *arguments],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be held open by the server
            stderr=subprocess.DEVNULL,
            check=False,
            **who,
        )
        assert done.returncode == 0, f"{program}: {done.returncode}"

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def database(self):
        """The URL of a new, empty database."""
        import psycopg

        self.made += 1
        name = f"ledger{self.made}"
        with psycopg.connect(f"postgresql://outreach@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        return f"postgresql://outreach@127.0.0.1:{self.port}/{name}"

    def ledger(self):
        """The URL of a ledger that every test finds empty: emptied is quicker than made anew."""
        import psycopg

        if not self.shared:
            self.shared = self.database()
            open_ledger(self.shared, mode=Mode.REHEARSAL).close()
        with psycopg.connect(self.shared) as connection:
            connection.execute("SET session_replication_role = replica")  # the guards against just this stand aside
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                if table not in {"meta", "alembic_version"}:
                    connection.execute(f"DELETE FROM {table}")
        return self.shared

    def stop(self, how="fast"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def remove(self):
        with contextlib.suppress(AssertionError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def start_postgresql():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    return PostgreSQL(Path(needs_server("PostgreSQL (initdb, pg_ctl)", initdb)).resolve().parent)
