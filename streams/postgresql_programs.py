"""PostgreSQL's own programs for copies of a database, called with what an SQLAlchemy URL says."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from streams.settings import program_environment
from topics.errors import ConfigurationError, PartMissing


def dump(url: sa.URL, target: Path, snapshot: str) -> None:
    """The database as another transaction sees it (``snapshot``, which it exported and keeps open), in pg_dump's own
    format."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--snapshot={snapshot}", f"--file={target}")


def undump(url: sa.URL, source: Path) -> None:
    """All of a dump in one transaction, or nothing of it."""
    # The schema itself is there; a dump names it only where its owner or rights are not the usual ones.
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", "--schema=public", str(source)]
    _run("pg_restore", url, *words, f"--dbname={url.database}")


@contextmanager
def schema_aside(url: sa.URL, now_ms: int, replace: bool) -> Iterator[str]:
    """An empty schema ``public``; what it held is in the schema named here ("" where there was nothing).

    If the block fails, everything is put back. Raises ``ConfigurationError`` for a schema that is not empty, unless it
    may be ``replace``d.
    """
    aside = f"before_{now_ms}"
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        held = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        if held is None or not held[0]:
            yield ""
            return
        if not replace:
            raise ConfigurationError(
                f"backup: expected an empty database, got {held[0]} tables in {url.database}; --replace sets them aside"
            )
        connection.execute(sql.SQL("ALTER SCHEMA public RENAME TO {}").format(sql.Identifier(aside)))
        connection.execute("CREATE SCHEMA public")
        try:
            yield aside
        except BaseException:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO public").format(sql.Identifier(aside)))
            raise


def _conninfo(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _program(name: str) -> str:
    """On the path, or where Debian keeps the newest version's. Raises ``PartMissing``."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    if found is None:
        raise PartMissing(f"backup: expected PostgreSQL's {name} on the path, got none (Debian: postgresql-client)")
    return found


def _run(program: str, url: sa.URL, *words: str) -> None:
    # The password never stands on a command line, where everybody on the machine could read it.
    environment = program_environment(
        PGHOST=url.host or str(url.query.get("host", "")),
        PGPORT=str(url.port or ""),
        PGUSER=url.username or "",
        PGPASSWORD=str(url.password or ""),
        PGDATABASE=url.database or "",
        PGSSLMODE=str(url.query.get("sslmode", "")),
    )
    done = subprocess.run([_program(program), *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PartMissing(f"backup: {program} failed: {done.stderr.strip() or done.returncode}")
