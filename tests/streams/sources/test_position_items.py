"""Positions on their way in: whose carrier it is, and what is refused with its place."""

from typing import Any

import msgspec
import pytest

from records.registry import Device
from streams.sources.intake_items import Refused
from streams.sources.position_items import position_item
from tests.streams.sources.intake_city import CITY, T0, running
from topics.positions import Position, Waybill


def told(**changes: Any) -> dict[str, Any]:
    return {
        "event": "position",
        "carrier": "津A12345",
        "time": T0,
        "lat": 39.0,
        "lon": 117.7,
        "site": "yard-1",
    } | changes


async def test_positions_and_waybills_are_kept_by_carrier() -> None:
    trip = {
        "event": "waybill", "id": "YD-1", "carrier": "津A12345", "site": "yard-1", "time": T0, "departs": T0,
        "arrives": T0 + 1, "route": [[39.0, 117.7], [39.1, 117.8]],
    }  # fmt: skip
    async with running() as intake:
        answered = await intake.post("/intake/positions", [told(source="beidou"), trip])
    assert (answered.status_code, answered.json()["accepted"]) == (200, 2)
    (topic, key, first, _), (_, _, second, _) = intake.publisher.kept
    assert (topic, key) == ("positions", "津A12345")
    position, waybill = msgspec.convert(first, Position), msgspec.convert(second, Waybill)
    assert (position.site, position.domain, position.source) == ("yard-1", "cargo", "http/beidou")
    assert (waybill.domain, waybill.route[1].lat) == ("cargo", 39.1)


def test_a_terminal_need_not_know_the_firm_of_its_vehicle() -> None:
    CITY.registry.put(Device("津A00001", "yard-1", "vehicle", aliases=("13900000000",)))
    for carrier in ("津A00001", "13900000000"):
        kept = msgspec.json.decode(position_item(told(carrier=carrier, site=""), CITY).value, type=Position)
        assert kept.site == "yard-1"


@pytest.mark.parametrize(
    ("changes", "where", "required"),
    [
        ({"site": "nowhere"}, "$.site", "a registered site"),
        ({"site": "", "carrier": "津Z99999"}, "$.carrier", "a registered site, or a carrier"),
        ({"site": "store-1"}, "$.site", "a site of a domain that watches carriers (cargo)"),
        ({"lat": 95}, "$.lat", "float <= 90.0"),
        ({"speed_kmh": -1}, "$.speed_kmh", "float >= 0.0"),
        ({"event": "teleported"}, "$.event", ""),
        ({"carrier": "~tick"}, "$.carrier", ""),
    ],
)
def test_what_cannot_be_right_is_refused(changes: dict[str, Any], where: str, required: str) -> None:
    with pytest.raises(Refused) as refusal:
        position_item(told(**changes), CITY)
    assert refusal.value.where == where
    assert refusal.value.required.startswith(required)
