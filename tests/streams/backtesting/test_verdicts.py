"""`citybrain backtest --verdicts`: what was said at the desk, asked of a server that runs, held against a look back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.lifecycle import Judged
from alerts.wall import Wall
from records.history import ListHistory
from streams.__main__ import main
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.alerts.pages.served import Served
from tests.made_stores import made_store

REAL, UNREAL = (f"tank-farm-1/{device}/gas_lel/Rtd" for device in ("GT-1", "GT-2"))


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    """A server whose desk has called one alarm real and, an hour later, one a false alarm."""
    house = House(made_store(tmp_path))
    for subject, verdict, opened in ((REAL, "real", T0), (UNREAL, "threshold-wrong", T0 + 60 * MINUTE)):
        opening = finding(subject=subject, opened=opened, quantity=subject.split("/")[1].lower())
        (name,) = house.take(opening)
        house.desk.act(name, lambda _, now, said=verdict: Judged(now, "wang", verdict=said))  # type: ignore[misc]
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(),
        lambda: b"",
    )  # fmt: skip
    with Served(create_app(server)) as served:
        yield served.base
    house.store.close()


def test_verdicts_of_a_running_server_say_what_was_right(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["series,time,value"]
    for minute in range(-30, 90):
        for series, start in ((REAL, -5), (UNREAL, 55)):  # the alarms came five minutes after the gas
            lines.append(
                f"{series},{T0 + minute * MINUTE},{60.0 if start <= minute < start + 10 else 2.0 + minute % 3}"
            )
    path = tmp_path / "night.csv"
    path.write_text("\n".join(lines))
    monkeypatch.setenv("CITYBRAIN_SERVER_URL", base)
    with pytest.raises(SystemExit) as ended:
        main(["backtest", "--domain", "safety", "--csv", str(path), "--verdicts", "--json"])
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    found = json.loads(said.out)
    assert (found["events"], found["found"]) == (1, 1)
    assert found["true"] >= 1 and found["false"] >= 1
