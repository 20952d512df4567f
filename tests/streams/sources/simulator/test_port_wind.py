"""The port's wind from mast to responder's card: frames through the real gateway, then what the card reckons."""

import msgspec

from alerts.city import City
from alerts.responder.reference import reference_of
from alerts.responder.wind import Wind, wind_at
from records.history import ListHistory
from records.registry import registry_of
from records.responder_card import downwind
from streams.sources.hj212.gateway import Hj212Gateway
from streams.sources.simulator.edges import Device
from streams.sources.simulator.frames import frame
from tests.streams.sources.simulator.limits import PACKS
from tests.streams.sources.simulator.plays import clock, whole_day
from tests.streams.sources.simulator.test_through_the_gateway import ListPublisher
from topics.reading import Reading

YARD = (39.0397, 117.7366)
#: Metres east and north of the yard, by hand from the registered points (a degree is 111.2 km, here 86.4 km eastward).
AIR_06, AIR_07, OPEN_SEA, TOWN = (1676, 89), (-311, -2302), (5000, 2000), (-4000, 1500)


async def test_the_sea_breeze_of_the_afternoon_and_the_west_wind_of_the_night_are_on_the_card() -> None:
    registry, publisher = registry_of(whole_day().city.registry_records()), ListPublisher()
    gateway = Hj212Gateway(registry)
    await gateway.start(publisher)
    mast = Device("127.0.0.1", gateway.port)
    messages = [
        each
        for start, end in (("14:55", "15:01"), ("23:30", "23:35"))
        for each in whole_day().span(clock(start), clock(end)).messages
        if each.series[0].site == "met-01"
    ]
    try:
        await mast.deliver([frame(each, whole_day().city.device_kinds[each.device].st) for each in messages])
    finally:
        await mast.close()
        await gateway.stop()
    history = ListHistory(msgspec.json.decode(value, type=Reading) for _, _, value, _ in publisher.records)
    city, terms = City(list(PACKS.values()), registry), reference_of(PACKS["cargo"]).terms

    def at(time: str) -> Wind:
        found = wind_at(city, history, terms, YARD, clock(time))
        assert isinstance(found, Wind), found
        return found

    breeze, night = at("15:00"), at("23:34:06")
    assert breeze.site == night.site == "met-01" and 2000 < night.away_m < 2300
    assert clock("14:59") < breeze.time <= clock("15:00") and clock("23:33:50") < night.time <= clock("23:34:06")
    assert breeze.point.en == "East" and breeze.speed_ms is not None and 3.0 < breeze.speed_ms < 6.5
    assert 225 <= night.from_deg <= 275, "west and south-west, as was published"
    assert night.speed_ms is not None and 0.3 <= night.speed_ms <= 2.2 and not night.calm
    reach = [downwind(*place, night.from_deg) for place in (AIR_06, AIR_07, OPEN_SEA, TOWN)]
    assert reach == [True, False, True, False]
    assert [downwind(*place, breeze.from_deg) for place in (AIR_06, TOWN)] == [False, True]
    assert wind_at(city, history, terms, YARD, clock("16:30")) == "no-reading", "an hour and a half old"
