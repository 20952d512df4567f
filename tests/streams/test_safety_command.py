"""`citybrain safety`: asks a real server over its interface, and says what it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.accidents.desk import Accidents
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.accident_events import Opened, Reported
from records.accident_terms import Figures
from records.history import ListHistory
from tests.alerts.city_parts import T0, House
from tests.alerts.pages.served import Served
from tests.made_stores import made_store
from tests.streams.test_shadow_command import run


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    house = House(made_store(tmp_path))
    accidents = Accidents(house.store, house.city, house.clock)
    name = accidents.open(
        Opened(T0, "Wu", T0 - 1000, T0 - 1000, "safety", "fire", "fire", "x", "120116", site="tank-farm-1")
    )
    accidents.act(name, Reported(T0, "Wu", "initial", T0, Figures(deaths=3), "burning"))
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"",
    )  # fmt: skip
    with Served(create_app(server)) as served:
        yield served.base
    house.store.close()


def test_a_report_and_the_firms_as_tables_json_and_csv(
    capsys: pytest.CaptureFixture[str], base: str, tmp_path: Path
) -> None:
    csv = tmp_path / "august.csv"
    status, out, _ = run(capsys, "safety", "report", "2015-08", "--server", base, "--csv", str(csv), "--json")
    assert status == 0 and json.loads(out)["total"]["deaths"] == 3
    assert csv.read_text(encoding="utf-8-sig").startswith("group,name,accidents,")
    status, out, _ = run(capsys, "safety", "report", "2015-08", "--server", base, "--district", "120101")
    assert status == 0 and "2014-08" in out and "still runs" in out
    status, out, _ = run(capsys, "safety", "risk", "--server", base)
    assert status == 0 and "Test" in out and "red" in out and "at once" in out
    status, out, _ = run(capsys, "safety", "risk", "--server", base, "--json")
    assert json.loads(out)["items"][0]["direct"] is True
    status, out, said = run(capsys, "safety", "report", "2015-13", "--server", base)
    assert status != 0 and not out and "expected YYYY" in said
