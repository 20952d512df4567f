"""One of each record of safety work, all of the small city's one site."""

from typing import Any

from alerts.safety.desk import SafetyDesk
from alerts.tickets.desk import Tickets
from records.safety.days import DAY_MS, day_of
from records.safety.forms import Exemption
from tests.alerts.city_parts import SITE, House
from tests.alerts.tickets.test_desk import CLOCKS
from tests.records.safety.parts import TABLE, commitment, permit

#: What a list of plans shows of it: the seed.
SEED = 86_420
ABOUT = {"site": SITE.id, "people": 10, "source": "test", "confirmed": True}

FACTS: dict[str, Any] = {
    "safety_work": TABLE,
    "hazard": {"critical": {}, "units": {"tank-farm": {"about": ABOUT}}},
    "ticket_terms": {"day": CLOCKS, "hour": CLOCKS, "danger-general": CLOCKS, "danger-major": CLOCKS},
}


def plant_safety(house: House) -> SafetyDesk:
    """The pack must speak of safety work (``FACTS``) already; the day is the city's."""
    desk = SafetyDesk(house.store, house.city, Tickets(house.store, house.city, house.clock), house.clock)
    now = house.city.time
    desk.book.enter(
        commitment(SITE.id, now - 1000, day_of(now), works={"hot-work": 0}),
        permit(1, SITE.id, now - DAY_MS, completed=None),
        Exemption("x1", SITE.id, now - DAY_MS, None, "head", "stands still", now),
    )
    desk.grade(SITE.id, 50, (), now - DAY_MS, "head", "")
    desk.plan("winter", {"red": 1}, SEED, now + DAY_MS, "head")
    desk.danger(SITE.id, "major", "tank 3", "no earthing", "Zhang", "Wu", "visit")
    desk.on_time()
    return desk
