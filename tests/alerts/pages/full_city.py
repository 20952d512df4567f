"""A city with something on every list, so that a page that fills itself has something to fill itself with."""

from alerts.judgements.board import Board
from alerts.stations.log import StationLog
from alerts.tickets.desk import Tickets
from tests.alerts.carriage.test_desk import BOX
from tests.alerts.city_parts import DEVICE, MINUTE, SITE, House, domain, finding
from tests.alerts.coding.test_desk import FACTS as CODING
from tests.alerts.custody.test_desk import TERMS
from tests.alerts.judgements.parts import judgement
from tests.alerts.pages.test_cargo_pages import fill as fill_cargo
from tests.alerts.pages.test_coding_page import fill as fill_coding
from tests.alerts.pages.test_food_pages import fill as fill_food
from tests.alerts.pages.test_kitchens_page import fill as fill_kitchens
from tests.alerts.pages.test_safety_pages import safety_of
from tests.alerts.safety.safety_house import FACTS as SAFETY
from tests.alerts.tickets.test_desk import CLOCKS
from tests.records.kitchens.test_kitchens import FACTS as KITCHENS
from tests.records.safety.parts import TEN
from topics.station_entry import StationEntry

FACTS = {
    **SAFETY,
    **CODING,
    "kitchens": KITCHENS,
    "recall_terms": {"1": TERMS},
    "ticket_terms": {**SAFETY["ticket_terms"], "day": CLOCKS},
}


def fill(house: House) -> dict[str, str]:
    """Fill every list of the city; the addresses of the pages that show one thing only when it is named, by page."""
    safety_of(house)
    for each in (SITE, DEVICE):
        house.city.registry.put(each)
    fill_cargo(house)
    fill_food(house)
    fill_kitchens(house)
    fill_coding(house)
    house.city.put(domain(facts=FACTS, events=True))
    Board(house.store, house.city, house.clock).take([judgement(number=each) for each in range(3)])
    Tickets(house.store, house.city, house.clock).judged([judgement()])
    StationLog(house.store).enter(StationEntry("m1", SITE.id, "maintenance", TEN, TEN, work="patrol", who="Li"), 0)
    house.take(finding(opened=TEN, severity="red"), finding(opened=TEN + MINUTE, subject="tank-farm-1/GT-2/lel/Rtd"))
    (told,) = house.rows("SELECT token FROM recall_notice WHERE holder = 'shop'")
    return {
        "station-log": f"/station-log?site={SITE.id}",
        "lot": "/lot?code=Y1",
        "lookup": "/lookup?code=L7",
        "recall-receipt": f"/recall-receipt?notice={told.token}",
        "cargo-trip": "/cargo-trip?id=YD-1",
        "cargo-container": f"/cargo-container?name={BOX}",
    }
