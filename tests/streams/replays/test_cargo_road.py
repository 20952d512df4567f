"""The road to the port: what must be said of the truck, and in whose hands its box is at each moment."""

import msgspec
import pytest
from typer.testing import CliRunner

from records.carriage.rows import told_rows
from streams.commands.replay import app
from streams.judges import carriage_conditions as conditions
from streams.replays import cargo_road_run
from streams.replays.cargo_road import load_scenario, told
from streams.replays.cargo_road_run import Replayed, cargo_pack, judged, replay_cargo_road
from topics.codec import encode


@pytest.fixture(scope="module")
def played() -> Replayed:
    return replay_cargo_road()


def test_the_story_is_told_and_nothing_else(played: Replayed) -> None:
    assert [each.detector for each in played.missed] == []
    assert [each.detector for each in played.unwanted] == []
    assert played.alarms == 3, "one for each family: many findings, no flood"


def test_it_leaves_its_route_before_it_stands_near_the_homes_and_before_it_is_among_them(played: Replayed) -> None:
    order = [each.detector for each in played.opened if each.family == "route"]
    assert order == [conditions.DEVIATION, conditions.STOP, conditions.AREA]
    assert len({each.quantity for each in played.findings}) == 1
    opened, closed = ({each.id for each in played.findings if each.phase == phase} for phase in ("open", "close"))
    assert opened == closed


def test_its_box_is_somewhere_at_each_moment_of_its_way(played: Replayed) -> None:
    assert [each["kind"] for each in played.custody] == ["shipper", "carrier", "yard", "ship"]
    scenario = load_scenario()
    assert played.moments == {
        "1200": f"carrier {scenario.carrier}",
        "4450": f"yard {scenario.yard}",
        "10000": f"yard {scenario.yard}",
        "23000": f"ship {scenario.ship}",
    }


def test_a_truck_that_keeps_to_its_route_is_told_nothing_of() -> None:
    scenario = load_scenario()
    route = scenario.waybill.route
    scenario.leg = [type(scenario.leg[0])(to=place, kmh=50.0) for place in route[1:]]
    scenario.silent.to_s = scenario.silent.from_s
    scenario.wild.at_s = -1
    scenario.permits[3].valid_to_s = 31_536_000
    assert judged(scenario, cargo_pack()) == []


def test_its_messages_can_be_sent_to_a_running_city() -> None:
    text = "".join(encode(message).decode() + "\n" for _, message in told(load_scenario()))
    lines = list(told_rows(text))
    assert len(lines) > 300
    assert all(each.row is not None for each in lines)


def test_the_command_gives_one_object(played: Replayed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cargo_road_run, "replay_cargo_road", lambda: played)  # it is the same each time
    result = CliRunner().invoke(app, ["cargo-road", "--json"])
    assert result.exit_code == 0
    told = msgspec.json.decode(result.stdout.encode())
    assert (told["missed"], told["unwanted"], len(told["said"])) == ([], [], 6)
