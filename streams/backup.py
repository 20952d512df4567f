"""The alarm store in one file, and back: what a city needs on the day its database is gone.

A backup is taken while the server works and shows one moment of the store. With it come the places up to which topics
had been read, so a restored server reads on from there and takes every later finding again, under the same ids.
What people did after that moment was nowhere but in the store: how much it was, the published heads tell
(``citybrain ledger verify --heads topic``).
"""

import hashlib
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.ledger.chain import Head, append, head_of
from alerts.ledger.opened import opened_for_reading
from alerts.store import Store
from streams.postgresql_programs import dump, schema_aside, undump
from streams.writer_lock import take_turn, writer_of
from topics.errors import ConfigurationError

MANIFEST = "manifest.json"
DUMP = "store.dump"

#: The line that a restoration leaves in the chain.
RESTORED = "restored"


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. ``made``: UTC ms; ``reached``: next offset to read by topic/partition; ``sha256`` of the
    dump. A backup goes back to the sort of database (``dialect``) it came from.
    """

    store: str
    dialect: str
    made: int
    revision: str
    head: Head
    reached: dict[str, int]
    sha256: str
    size: int


class Restoration(msgspec.Struct, frozen=True):
    """What was restored; ``aside``: where what stood there before has gone, empty where nothing did."""

    manifest: Manifest
    aside: str


def back_up(url: str, file: Path, now_ms: int) -> Manifest:
    """Write the store behind ``url`` to ``file``, which must not be there yet.

    Raises ``ConfigurationError`` for a file that is there or a URL that is no store, ``PartMissing`` for a store that
    does not answer or without PostgreSQL's programs.
    """
    if file.exists():
        raise ConfigurationError(f"backup: expected a new file, got {str(file)!r}, which is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        dumped = Path(folder) / DUMP
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            with opened_for_reading(url):  # says what is wrong with the URL, before a copy of nothing is made
                pass
            _copy_sqlite(Path(parsed.database or ""), dumped)
            with opened_for_reading(f"sqlite:///{dumped}") as connection:
                manifest = _manifest(connection, "sqlite", now_ms)
        else:
            with opened_for_reading(url) as connection:
                moment = str(connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one())
                manifest = _manifest(connection, "postgresql", now_ms)
                dump(parsed, dumped, moment)
        manifest = msgspec.structs.replace(manifest, sha256=_sha256(dumped), size=dumped.stat().st_size)
        part = Path(folder) / "part"
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(MANIFEST, msgspec.json.encode(manifest))
            packed.write(dumped, DUMP)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(file)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself. Raises ``ConfigurationError`` for what is no backup."""
    try:
        with zipfile.ZipFile(file) as packed:
            return msgspec.json.decode(packed.read(MANIFEST), type=Manifest)
    except (OSError, zipfile.BadZipFile, KeyError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"backup: expected a file of `citybrain store backup`, got {file}: {error}") from error


def restore(url: str, file: Path, now_ms: int, *, by: str, why: str, replace: bool = False) -> Restoration:
    """Put a backup in place of the store behind ``url`` and write into its chain who did it and why.

    What stood there before is refused, or with ``replace`` set aside, never destroyed. The schema is brought up to
    date. Raises ``ConfigurationError`` for a damaged backup, one of another sort of database, or a store that is there
    already, ``PartMissing`` where a server writes it; then all is as it was.
    """
    manifest = read_manifest(file)
    parsed = sa.make_url(url)
    dialect = parsed.get_backend_name()
    if dialect != manifest.dialect:
        raise ConfigurationError(f"backup: expected a store on {manifest.dialect}, got {dialect}")
    with tempfile.TemporaryDirectory(prefix="citybrain-restore-") as folder:
        dumped = Path(folder) / DUMP
        with zipfile.ZipFile(file) as packed, packed.open(DUMP) as source, dumped.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        if (found := _sha256(dumped)) != manifest.sha256:
            raise ConfigurationError(
                f"backup: expected a dump with SHA-256 {manifest.sha256}, got {found}: {file} is damaged"
            )
        with _alone(url):
            if dialect == "sqlite":
                aside = _put_sqlite(dumped, Path(parsed.database or ""), now_ms, replace)
            else:
                with schema_aside(parsed, now_ms, replace) as aside:
                    undump(parsed, dumped)
    store = Store(url)
    try:
        body = {"at": now_ms, "by": by, "why": why, "made": manifest.made, "head": str(manifest.head)}
        store.write(lambda connection: append(connection, RESTORED, body))
    finally:
        store.close()
    return Restoration(manifest, aside)


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """While no server writes a PostgreSQL store; SQLite's is another file until the restored one stands."""
    writer = writer_of(url)
    if writer is None:
        yield
        return
    try:
        take_turn(writer, standby=False, stopped=lambda: False)
        yield
    finally:
        writer.close()


def _manifest(connection: sa.Connection, dialect: str, now_ms: int) -> Manifest:
    about = sa.select(schema.about.c.value).where(schema.about.c.name == "id")
    table = schema.kafka_offset.c
    places = connection.execute(sa.select(table.topic, table.partition, table.next_offset))
    return Manifest(
        store=connection.execute(about).scalar_one(),
        dialect=dialect,
        made=now_ms,
        revision=connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one(),
        head=head_of(connection),
        reached={f"{row.topic}/{row.partition}": row.next_offset for row in places},
        sha256="",
        size=0,
    )


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _put_sqlite(dumped: Path, place: Path, now_ms: int, replace: bool) -> str:
    aside = ""
    if place.exists():
        if not replace:
            raise ConfigurationError(f"backup: expected no store at {place}, got one; --replace sets it aside")
        kept = place.with_name(f"{place.name}.before-{now_ms}")
        with closing(sqlite3.connect(place, timeout=1)) as live:
            try:
                live.execute("PRAGMA locking_mode=EXCLUSIVE")
                live.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise ConfigurationError(f"backup: {place} is in use; stop its server first ({error})") from error
            live.execute("COMMIT")
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        place.rename(kept)
        for tail in ("-wal", "-shm"):
            place.with_name(place.name + tail).unlink(missing_ok=True)
        aside = str(kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dumped, place)
    return aside


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
