"""A real PostgreSQL for the tests: its own cluster in a folder of its own, gone with the session."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.made_stores import make

DEADLINE_S = 60.0

#: Debian keeps the server's programs beside the path.
DEBIAN = Path("/usr/lib/postgresql")

#: Nothing of these tests outlives the session, so nothing is forced to the disk.
OPTIONS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")

#: Takes everything out of a store: its rows past the triggers that keep what was told, its numbers back to 1, and
#: whoever still holds it by the connection.
EMPTY = """
DO $$
DECLARE each record;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'alembic_version'
    LOOP
        IF each.relkind = 'r' THEN EXECUTE format('DELETE FROM %I', each.relname);
        ELSE EXECUTE format('ALTER SEQUENCE %I RESTART', each.relname);
        END IF;
    END LOOP;
END $$
"""


class PostgreSQL:
    """Starts the server; ``fresh`` gives the URL of an empty database, ``made_store`` of one with the schema."""

    def __init__(self, initdb: str) -> None:
        programs = Path(initdb).resolve().parent
        self._folder = Path(tempfile.mkdtemp(prefix="citybrain-postgresql-"))
        self._user = _unprivileged(self._folder)
        self._port = _free_port()
        self._numbers = count(1)
        self._made: str | None = None
        self._free: list[str] = []
        data = self._folder / "data"
        trusting = ["--auth=trust", "--username=citybrain", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run([str(programs / "initdb"), "-D", str(data), *trusting])
        settings = [word for option in OPTIONS for word in ("-c", option)]
        place = ["-D", str(data), "-p", str(self._port), "-k", str(self._folder), "-h", "127.0.0.1"]
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [str(programs / "postgres"), *place, *settings],
            stdout=self._log, stderr=subprocess.STDOUT, cwd=self._folder, **self._user,
        )  # fmt: skip
        self._wait()

    def fresh(self) -> str:
        """The URL of a new empty database, as ``Store`` takes it."""
        return self._url(self._create())

    def made_store(self) -> str:
        """The URL of a store that holds nothing: one that was given back, else a copy of one whose schema is made
        once. A database is a thousand files, so hundreds of them are slow to come and slower to go.
        """
        if self._free:
            database = self._free.pop()
            with psycopg.connect(self._address(database), autocommit=True) as connection:
                connection.execute(EMPTY)
            return self._url(database)
        if self._made is None:
            made = self._create()
            make(self._url(made))
            self._made = made
        return self._url(self._create(f"TEMPLATE {self._made}"))

    def give_back(self, url: str) -> None:
        """Whoever was given this by ``made_store`` is done with it, and has left its schema as it was."""
        self._free.append(url.rpartition("/")[2])

    def stop(self) -> None:
        """End it at once and leave nothing behind."""
        self._process.send_signal(signal.SIGINT)  # a fast shutdown; SIGTERM would wait for clients that linger
        try:
            self._process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(DEADLINE_S)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _create(self, how: str = "") -> str:
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {how}")
        return name

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://citybrain@127.0.0.1:{self._port}/{database}"

    def _address(self, database: str) -> str:
        return f"postgresql://citybrain@127.0.0.1:{self._port}/{database}"

    def _wait(self) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                said = (self._folder / "log").read_text(errors="replace")
                assert self._process.poll() is None, f"PostgreSQL ended by itself: {said}"
                assert time.monotonic() < deadline, f"PostgreSQL did not come up: {said}"
                time.sleep(0.05)

    def _run(self, words: list[str]) -> None:
        done = subprocess.run(words, capture_output=True, text=True, cwd=self._folder, check=False, **self._user)
        assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def find_initdb(program: Callable[[str], str]) -> str:
    """Path of ``initdb``: on the path, else where Debian keeps it, else what ``program`` makes of its absence."""
    newest = max(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), default=None)
    return shutil.which("initdb") or (str(newest) if newest is not None else program("initdb"))


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as whoever it was installed for, or as nobody."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    who = known.get("postgres") or known["nobody"]
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
