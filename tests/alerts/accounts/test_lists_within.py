"""Every list and card of the interface leaves what lies within the caller's jurisdiction, and nothing else."""

from collections.abc import Iterator

import httpx
import pytest

from alerts.accidents.desk import Accidents
from alerts.accounts.acts import ROLES
from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction
from alerts.accounts.route_acts import ROUTES, Row
from alerts.carriage.book import CarriageBook
from alerts.coding.desk import Coding
from alerts.custody.record import CustodyRecord
from alerts.declarations.desk import Declarations
from alerts.judgements.board import Board
from alerts.kitchens.desk import Kitchens
from alerts.safety.watch import Watch
from alerts.stations.log import StationLog
from alerts.tickets.desk import Tickets
from records.accident_events import Opened
from streams.declaring import DeclarationRules
from tests.alerts.accounts.conftest import Door
from tests.alerts.city_parts import SITE, T0, House, domain, finding
from tests.alerts.declarations.parts import FACTS as DECLARATION_FACTS
from tests.alerts.declarations.parts import form
from tests.alerts.judgements.parts import DAY, DAY0, judgement
from tests.alerts.safety.planted import FACTS, SEED, plant_safety
from tests.records.kitchens.test_kitchens import FACTS as KITCHEN_FACTS
from topics.events import Custody
from topics.kitchen_events import KitchenSight
from topics.mark import Mark
from topics.positions import Position
from topics.station_entry import StationEntry

#: Parts of the city that are not told in one answer: test_stream.py holds the stream to them.
CARDS = ("/api/responder-card", "/responder-card")

#: The last two say to whom they are cut, so they differ for those who see the same.
SEEN_ELSEWHERE = ("/api/stream", "/api/yards", "/yard", *CARDS)

LISTS = [
    row
    for row in ROUTES
    if row.reach == "part" and row.method == "GET" and "{" not in row.path and row.path not in SEEN_ELSEWHERE
]

#: What a list must be asked for before it answers.
ASKED = {
    "/api/judgements/versions": {"key": judgement().key},
    "/api/judgements/evidence": {"key": judgement().key},
    "/api/effectiveness": {"month": "2026-05"},
    "/api/scorecard": {"month": "2026-05"},
    "/api/marks": {"site": "tank-farm-1"},
    "/api/station-log": {"site": "tank-farm-1"},
    "/api/safety-figures": {"period": "2015-08"},
}

FOOD_FACTS = {"coding": {"source": "test", "confirmed": True}, "kitchens": KITCHEN_FACTS}

SIGNS = (
    "tank-farm-1",
    '"red":1',
    "fire-brigade",
    f'"district":"{SITE.district}"',
    '"issued":1',
    '"declarations":1',
    f'"seed":{SEED}',
)


def plant(house: House) -> None:
    """An alarm, a judged day, its ticket, a mark and the records of safety work, and an accident, all of one site."""
    house.take(finding(severity="red"))
    board = Board(house.store, house.city, house.clock)
    heard = {"heard": 60.0, "automatic": 60.0}
    board.take([judgement(), judgement("no-limit", period="hour", helpers=heard)])
    board.enter(Mark("m1", "tank-farm-1", "plant", "stopped", DAY0, DAY0 + DAY, DAY0 + DAY))
    StationLog(house.store).enter(StationEntry("n1", SITE.id, "maintenance", DAY0, DAY0, work="repair"), 0)
    house.city.tick(DAY0 + 2 * DAY)
    house.city.put(domain(facts=FACTS | DECLARATION_FACTS | FOOD_FACTS, events=True))
    Tickets(house.store, house.city, house.clock).judged([judgement()])
    plant_safety(house)
    sold = Custody("s1", SITE.id, DAY0 + DAY, {"type": "ObjectEvent", "bizStep": "retail_selling", "epcList": ["x"]})
    CustodyRecord(house.store).take([sold])
    Coding(house.store, house.city, Watch(house.store)).take([sold])
    seen = KitchenSight("v1", SITE.id, house.city.time - 60_000, "c1", "no_gloves")
    tickets = Tickets(house.store, house.city, house.clock)
    Kitchens(house.store, house.city, tickets, Watch(house.store), house.clock).book.take([seen])
    seen_at = Position("truck-1", house.city.time - 60_000, SITE.lat, SITE.lon, SITE.id, SITE.domain)
    CarriageBook(house.store).take([seen_at])
    declared = form(site=SITE.id, operation=house.city.time + 3 * DAY)
    Declarations(house.store, house.city, house.clock, DeclarationRules()).enter(declared, "Li")
    opened = Opened(T0, "Wu", T0, T0, "safety", "fall", "fall", SITE.firm, SITE.district, site=SITE.id)
    Accidents(house.store, house.city, house.clock).open(opened)


async def test_lists_leave_what_lies_within(door: Door) -> None:
    """The planted site is named in what the whole city sees, and nowhere in what another district sees: every list."""
    plant(door.house)
    door.add("zhao", *ROLES)
    door.add("near", *ROLES, within=Jurisdiction(districts=frozenset({SITE.district})))
    door.add("far", *ROLES, within=Jurisdiction(districts=frozenset({"120101"})))
    door.add("other", *ROLES, within=Jurisdiction(domains=frozenset({"port"})))
    clients = {name: await door.signed_in(name) for name in ("zhao", "near", "far", "other")}
    wrong = {}
    for row in LISTS:
        seen = {name: await client.get(row.path, params=ASKED.get(row.path)) for name, client in clients.items()}
        if problems := list(_leaks(row, seen)):
            wrong[row.path] = problems
    assert wrong == {}


def _leaks(row: Row, seen: dict[str, httpx.Response]) -> Iterator[str]:
    """What is wrong with what each of the four sees of a list."""
    if any(seen[name].status_code != 200 for name in ("zhao", "near")):
        yield f"not answered: {seen['zhao'].text} {seen['near'].text}"
    elif not row.path.endswith("/evidence"):  # a sealed file, which names the moment it was made
        if seen["zhao"].text != seen["near"].text:
            yield f"one district's officer sees {seen['near'].text}, the whole city's {seen['zhao'].text}"
        if not any(sign in seen["zhao"].text for sign in SIGNS):
            yield f"nothing of what was planted is in {seen['zhao'].text}"
    for name in ("far", "other"):
        if seen[name].status_code != 404 and any(sign in seen[name].text for sign in SIGNS):
            yield f"{name} sees {seen[name].text}"


@pytest.mark.parametrize("path", CARDS)
async def test_a_card_shows_only_what_lies_within(door: Door, path: str) -> None:
    point = {"lat": SITE.lat, "lon": SITE.lon}
    seen = {}
    for name, districts in (("whole", None), ("near", {SITE.district}), ("far", {"120101"})):
        within = Jurisdiction(districts=frozenset(districts)) if districts else WHOLE_CITY
        door.add(name, *ROLES, within=within)
        seen[name] = (await (await door.signed_in(name)).get(path, params=point)).text
    assert [SITE.id in seen[name] for name in ("whole", "near", "far")] == [True, True, False]
