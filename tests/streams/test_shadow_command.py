"""`citybrain shadow` and `citybrain verdicts`: they ask a real server over its interface, and say what it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.lifecycle import Judged
from alerts.promotions.promotions import Promotions
from alerts.wall import Wall
from records.history import ListHistory
from streams.__main__ import main
from tests.alerts.city_parts import House, finding
from tests.alerts.pages.served import Served
from tests.alerts.promotions.test_promotions import GATE, Played
from tests.made_stores import made_store


@pytest.fixture
def played() -> Played:
    made = Played()
    made.live = made.shadow = [finding()]
    return made


@pytest.fixture
def base(tmp_path: Path, played: Played) -> Iterator[str]:
    house = House(made_store(tmp_path))
    (name,) = house.take(finding())
    house.desk.act(name, lambda _, now: Judged(now, "wang", verdict="real"))
    wall = Wall(house.store, house.city, Latency(), house.clock)
    promotions = Promotions(house.store, house.city, played, GATE, house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(),
        lambda: b"", promotions=promotions,
    )  # fmt: skip
    with Served(create_app(server)) as served:
        yield served.base
    house.store.close()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_change_goes_all_the_way_by_commands(
    base: str, played: Played, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = tmp_path / "change.toml"
    change.write_text("[detectors.stuck]\nfactor = 9.0\n")
    common = ("--server", base, "--json")
    assert run(capsys, "shadow", "start", "safety", *common)[0] == 2  # nothing to try
    status, out, _ = run(capsys, "shadow", "start", "safety", "--change", str(change), "--who", "li", *common)
    name = json.loads(out)["run"]
    assert status == 0 and played.started[0].pack is not None
    assert played.started[0].pack["detectors"] == {"stuck": {"factor": 9.0}}
    status, out, _ = run(capsys, "shadow", "report", "safety", *common)
    assert (status, json.loads(out)["gate"]["open"]) == (0, True)
    assert "only candidate (B)" in run(capsys, "shadow", "report", "safety", "--server", base)[1]
    played.hours = 0
    assert run(capsys, "shadow", "report", "safety", "--server", base)[0] == 1
    status, out, _ = run(capsys, "shadow", "promote", "safety", "--who", "li", *common)
    assert status == 1 and "least_hours" in json.loads(out)["error"]
    played.hours = 2
    assert run(capsys, "shadow", "promote", "safety", "--run", name, "--who", "li", *common)[0] == 0
    assert run(capsys, "shadow", "rollback", "safety", "--who", "chen", *common)[0] == 0
    assert run(capsys, "shadow", "rollback", "safety", "--who", "chen", "--server", base)[0] == 1


def test_verdicts_are_told_by_detector_and_class(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "verdicts", "report", "--server", base, "--json")
    (line,) = json.loads(out)["items"]
    assert (status, line["detector"], line["sensor_class"], line["precision"]) == (0, "legal-limit", "catalytic", 1.0)
    assert "catalytic" in run(capsys, "verdicts", "report", "--server", base)[1]
