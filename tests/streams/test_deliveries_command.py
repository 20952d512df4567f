"""`citybrain deliveries`: asks a real server over its interface, and says what it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.ledger.deliveries import Tried
from alerts.wall import Wall
from records.history import ListHistory
from streams.__main__ import main
from tests.alerts.city_parts import House, finding
from tests.alerts.pages.served import Served
from tests.made_stores import made_store


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One alarm told to two, over both of which the door was shut for good."""
    made = House(made_store(tmp_path))
    made.take(finding(severity="red"))
    ledger = Ledger(made.store)
    due = ledger.due(made.clock.now_ms, 10)
    ledger.record([Tried(each, made.clock.now_ms, None, "answered 404: no such door", 404, took_ms=7) for each in due])
    yield made
    made.store.close()


@pytest.fixture
def base(house: House) -> Iterator[str]:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory(), lambda: b""
    )
    with Served(create_app(server)) as served:
        yield served.base


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as ended:
        main(["deliveries", *words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_what_nobody_got_is_listed_shown_and_put_back_with_one_command(
    base: str, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, "list", "--status", "dead", "--server", base, "--json")
    items = json.loads(out)["items"]
    assert (status, [each["error"] for each in items]) == (0, ["answered 404: no such door"] * 2)
    status, out, _ = run(capsys, "show", str(items[0]["id"]), "--server", base)
    assert status == 0 and "no such door" in out and "7 ms" in out and "404" in out
    status, out, _ = run(capsys, "replay", "--all", "--server", base, "--json")
    assert (status, json.loads(out)) == (0, {"replayed": sorted(each["id"] for each in items)})
    assert len(Ledger(house.store).due(house.clock.now_ms, 10)) == 2
    assert run(capsys, "replay", "--all", "--server", base)[1] == "0 put back: none was dead\n"


def test_a_recipient_or_one_delivery_is_put_back_alone(
    base: str, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, "replay", "--recipient", "fire-brigade", "--server", base, "--json")
    assert len(json.loads(out)["replayed"]) == 1
    (dead,) = json.loads(run(capsys, "list", "--status", "dead", "--server", base, "--json")[1])["items"]
    assert run(capsys, "replay", str(dead["id"]), "--server", base)[1] == f"1 put back: {dead['id']}\n"
    status, _, said = run(capsys, "replay", str(dead["id"]), "--server", base)
    assert (status, f"409: delivery {dead['id']}: expected a dead one" in said) == (1, True)


def test_wrong_use_and_an_absent_server_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, said = run(capsys, "replay")
    assert (status, said) == (
        2, "citybrain: deliveries replay: expected either a number or --channel, --recipient or --all\n",
    )  # fmt: skip
    status, _, said = run(capsys, "list", "--server", "http://127.0.0.1:1")
    assert status == 2 and said.startswith("citybrain: alert server: expected one that answers at http://127.0.0.1:1")
