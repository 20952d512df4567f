"""`citybrain cargo` on a real server and a real gateway: send, then ask where it is."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.api import Server, create_app
from alerts.carriage.desk import CargoDesk
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.responder.yards import Yards
from alerts.wall import Wall
from records.history import ListHistory
from records.registry import registry_of
from streams.__main__ import main
from streams.replays.cargo_road import load_scenario
from streams.replays.cargo_road_run import cargo_pack, fill, judged, sites
from tests.alerts.city_parts import House
from tests.alerts.pages.served import Served
from tests.alerts.sinks.mail_server import free_port
from tests.streams.sources.intake_city import T0, running

SCENARIO = load_scenario()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    house = House(f"sqlite:///{tmp_path_factory.mktemp('cargo') / 'store.db'}")
    house.city.put(cargo_pack())
    house.city.registry = registry_of(sites(SCENARIO))
    house.city.tick(SCENARIO.at(4_600))
    yards = Yards()
    fill(SCENARIO, house.store, house.city, yards, judged(SCENARIO, cargo_pack()))
    server = Server(
        house.store, house.city, house.desk, Wall(house.store, house.city, Latency(), house.clock), Feed(),
        Ledger(house.store), lambda: None, ListHistory(), lambda: b"", cargo=CargoDesk(house.store, house.city, yards),
    )  # fmt: skip
    with Served(create_app(server)) as served:
        yield served.base
    house.store.close()


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["cargo", *words])
    return int(str(ended.value.code or 0))


def test_a_container_a_trip_and_a_carrier_are_tracked(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--server", base)
    assert run("track", SCENARIO.container, *where, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["now"]["kind"], found["now"]["name"]) == ("container", "yard", SCENARIO.yard)
    assert run("track", SCENARIO.container, *where, "--at", "2026-03-02T09:20:00", "--json") == 0
    then = json.loads(capsys.readouterr().out)["now"]
    assert (then["kind"], then["name"]) == ("carrier", SCENARIO.carrier)
    assert run("track", SCENARIO.container, *where) == 0
    assert "yard Ruihai yard" in capsys.readouterr().out
    assert run("track", SCENARIO.waybill.id, *where) == 0
    assert "off its declared route" in capsys.readouterr().out.replace("\n", " ")
    assert run("track", SCENARIO.carrier, *where) == 0
    assert SCENARIO.carrier in capsys.readouterr().out
    assert run("list", *where, "--json") == 0
    listed = json.loads(capsys.readouterr().out)["items"]
    assert SCENARIO.carrier in [each["carrier"] for each in listed]
    assert run("track", "NOTHING", *where) == 1


async def test_positions_of_a_file_go_to_the_gateway_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "positions.csv"
    rows = [f"津A12345,{T0 + n},39.0,117.7,yard-1" for n in range(3)]
    bad = ["津A12345,never,39.0,117.7,yard-1", f"X,{T0},39,117,nowhere"]
    file.write_text("\n".join(["carrier,time,lat,lon,site", *rows, *bad]), encoding="utf-8")
    async with running() as intake:
        url = str(intake.client.base_url)
        code = await asyncio.to_thread(run, "send", str(file), "--gateway", url, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (code, told["accepted"]) == (1, 3)
    assert sorted(each["line"] for each in told["refused"]) == [5, 6]
    assert [key for _, key, _, _ in intake.publisher.kept] == ["津A12345"] * 3


@pytest.mark.parametrize("words", [("cargo", "permits"), ("registry", "import")])
def test_where_no_broker_answers_one_sentence_says_which_address_and_why(
    words: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("", encoding="utf-8")
    place = f"127.0.0.1:{free_port()}"
    with pytest.raises(SystemExit) as ended:
        main([*words, str(file), "--brokers", place])
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert ended.value.code == 2
    assert said == f"citybrain: Kafka: expected a broker that answers, got {place}: Connection refused"
