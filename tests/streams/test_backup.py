"""The database is gone one night: what a backup brings back, what comes again from the topics, and what is lost."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.intake import Arrived
from alerts.ledger.chain import head_of
from alerts.ledger.known_heads import KnownHead
from alerts.ledger.opened import opened_for_reading
from alerts.ledger.verify import verify
from alerts.single_writer import SingleWriter
from streams.__main__ import main
from streams.backup import DUMP, MANIFEST, back_up, read_manifest, restore
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.made_stores import made_store
from tests.postgresql_server import PostgreSQL
from topics.errors import ConfigurationError, PartMissing

PLACE = ("findings", 0)


def take(house: House, first: int, last: int) -> None:
    """What the server's reader does with findings ``first`` to ``last`` of the topic: alarms and place in one."""
    batch = []
    for number in range(first, last):  # three messages of each finding: it opens, grows and closes
        seq, opened = number % 3, T0 + number // 3 * 10 * MINUTE
        phase = ("open", "update", "close")[seq]
        batch.append(Arrived(finding(phase, seq, opened=opened, closed=opened + MINUTE if seq == 2 else None)))
    house.intake.take(batch, {PLACE: last})


def ran(words: list[str]) -> object:
    with pytest.raises(SystemExit) as ended:
        main(words)
    return ended.value.code


def alarms(url: str) -> list[tuple[object, ...]]:
    house = House(url)
    try:
        return [
            tuple(row)
            for row in house.rows(
                "SELECT id, state, severity, opened, returned, closed, open_findings FROM alarm ORDER BY id"
            )
        ]
    finally:
        house.store.close()


def the_night(url: str, elsewhere: str, lose: Callable[[], str], file: Path) -> None:
    """Backup at 5 messages, life goes on to 9, the database is lost, the backup restored, and the topic read again."""
    house = House(url)
    take(house, 0, 5)
    made = back_up(url, file, T0 + MINUTE)
    assert made.reached == {"findings/0": 5}
    house.desk.acknowledge(house.rows("SELECT id FROM alarm")[0].id, "王伟", "查过了，阀门")
    take(house, 5, 9)
    with house.store.read() as connection:
        published = KnownHead(head_of(connection), "the topic", house.store.id)
    house.store.close()
    whole = House(elsewhere)  # a house where nothing was lost
    take(whole, 0, 9)
    whole.store.close()

    restored_url = lose()
    done = restore(restored_url, file, T0 + 2 * MINUTE, by="王伟", why="磁盘损坏")
    assert (done.manifest, done.aside) == (read_manifest(file), "")
    again = House(restored_url)
    try:
        assert again.store.id == made.store
        assert again.intake.offsets.all() == {PLACE: 5}
        (line,) = again.rows("SELECT body FROM ledger WHERE kind = 'restored'")
        assert json.loads(line.body)["why"] == "磁盘损坏"
        take(again, 5, 9)
    finally:
        again.store.close()
    assert alarms(restored_url) == alarms(elsewhere), "every finding has come again, under the same ids"
    with opened_for_reading(restored_url) as connection:
        assert verify(connection).broken == []
        lost = verify(connection, [published]).broken
    assert [each.entry for each in lost] == [published.head.sequence], "what 王伟 did is lost, and that shows"


def test_a_lost_file_comes_back(tmp_path: Path) -> None:
    store = tmp_path / "store.db"

    def lose() -> str:
        for each in tmp_path.glob("store.db*"):
            each.unlink()
        return f"sqlite:///{store}"

    the_night(f"sqlite:///{store}", f"sqlite:///{tmp_path / 'other.db'}", lose, tmp_path / "backup.zip")


@pytest.mark.kafka
def test_a_lost_database_comes_back(postgresql: PostgreSQL, program: Callable[[str], str], tmp_path: Path) -> None:
    program("pg_dump")
    new = postgresql.fresh()
    the_night(postgresql.made_store(), postgresql.made_store(), lambda: new, tmp_path / "backup.zip")
    with pytest.raises(ConfigurationError, match="--replace sets them aside"):
        restore(new, tmp_path / "backup.zip", T0, by="w", why="x")
    before = alarms(new)
    (tmp_path / "damaged.zip").write_bytes(_with_another_dump(tmp_path / "backup.zip", b"no dump"))
    with pytest.raises(PartMissing, match="pg_restore failed"):
        restore(new, tmp_path / "damaged.zip", T0, by="w", why="x", replace=True)
    assert alarms(new) == before, "a restoration that fails leaves all as it was"
    writer = SingleWriter(new)
    assert writer.take()
    with pytest.raises(PartMissing, match="another server writes it"):
        restore(new, tmp_path / "backup.zip", T0, by="w", why="x", replace=True)
    writer.close()
    done = restore(new, tmp_path / "backup.zip", T0, by="w", why="back to the evening", replace=True)
    assert done.aside == f"before_{T0}"
    assert alarms(new) != before
    house = House(new)
    assert len(house.rows(f"SELECT 1 FROM before_{T0}.alarm")) == len(before)
    house.store.close()


def _with_another_dump(file: Path, dump: bytes) -> bytes:
    """A backup whose sum is right and whose dump is nothing that pg_restore knows."""
    manifest = json.loads(zipfile.ZipFile(file).read(MANIFEST))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr(MANIFEST, json.dumps(manifest | {"sha256": hashlib.sha256(dump).hexdigest()}))
        packed.writestr(DUMP, dump)
    return made.getvalue()


def test_a_store_in_the_way_is_set_aside_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, file = made_store(tmp_path), tmp_path / "b.zip"
    house = House(url)
    take(house, 0, 3)
    house.store.close()
    asked = ["--store", url, "--by", "w", "--why", "trial"]
    assert ran(["store", "backup", str(file), "--store", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["reached"] == {"findings/0": 3}
    assert ran(["store", "restore", str(file), *asked]) != 0
    assert "--replace sets it aside" in capsys.readouterr().err
    assert ran(["store", "restore", str(file), *asked, "--replace", "--json"]) == 0
    aside = json.loads(capsys.readouterr().out)["aside"]
    assert alarms(f"sqlite:///{aside}") == alarms(url)


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    url = made_store(tmp_path)
    House(url).store.close()
    file = tmp_path / "b.zip"
    back_up(url, file, T0)
    with pytest.raises(ConfigurationError, match="there already"):
        back_up(url, file, T0)
    with pytest.raises(ConfigurationError, match="expected a store on sqlite, got postgresql"):
        restore("postgresql+psycopg://nobody@127.0.0.1/x", file, T0, by="w", why="x")
    bent = tmp_path / "bent.zip"
    shutil.copyfile(file, bent)
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(bent, "w") as other:
        other.writestr(MANIFEST, packed.read(MANIFEST))
        other.writestr(DUMP, packed.read(DUMP)[:-1])
    with pytest.raises(ConfigurationError, match="damaged"):
        restore(url, bent, T0, by="w", why="x", replace=True)
    bent.write_bytes(b"PK")
    with pytest.raises(ConfigurationError, match="expected a file of `citybrain store backup`"):
        read_manifest(bent)
