"""A small city for the tests of alerts: one pack, one site, and findings about it."""

import datetime as dt
from itertools import count
from typing import Any

from alerts.city import City
from alerts.desk import Desk
from alerts.intake import Arrived, Intake
from alerts.store import Store
from records.registry import Device, SeriesMeta, Site, registry_of
from topics.domain import Domain, Guidance, Limit, Quantity, Route, Tile
from topics.finding import Finding, Origin, Text, finding_id

#: 12 August 2015, 22:00 in Tianjin.
T0 = 1_439_388_000_000
MINUTE = 60_000
SENDER = "citybrain.test"

LEL = Quantity(
    title=Text("可燃气体", "flammable gas"),
    unit="%LEL",
    sensor_class="catalytic",
    interval_s=5,
    span=(0, 100),
    resolution=0.1,
    limits=(
        Limit("H", 25, "yellow", "GB/T 50493-2019", "test", dt.date(2000, 1, 1), confirmed=True),
        Limit("HH", 50, "red", "GB/T 50493-2019", "test", dt.date(2000, 1, 1)),
    ),
)

GUIDANCE = Guidance(
    consequence=Text("可能爆炸", "may explode"),
    action=Text("切断气源，疏散", "shut the gas off, evacuate"),
    respond_within_s=300,
    owner=Text("值班员", "duty officer"),
)


def domain(**more: Any) -> Domain:
    """A pack with one quantity, told to one bureau from yellow and to a second from red."""
    fields: dict[str, Any] = {
        "name": "safety",
        "title": Text("安全生产", "safety production"),
        "order": 1,
        "cap_category": "Safety",
        "quantities": {"lel": LEL},
        "detectors": {},
        "routes": (
            Route("emergency-bureau", Text("应急管理局", "emergency bureau"), "yellow"),
            Route("fire-brigade", Text("消防总队", "fire brigade"), "red", families=("limit",)),
        ),
        "guidance": {"default": GUIDANCE},
        "wall": (Tile(Text("气体", "gas"), ("lel",)),),
    }
    return Domain(**(fields | more))


SITE = Site(
    id="tank-farm-1",
    domain="safety",
    title=Text("一号罐区", "tank farm 1"),
    firm="Test Chemicals",
    district="120116",
    lat=39.0406,
    lon=117.7395,
)

DEVICE = Device(id="GT-1", site="tank-farm-1", kind="gas detector", quantities={"lel": SeriesMeta(unit="%LEL")})


def city(**more: Any) -> City:
    """The city with its pack and site known, at ``T0``."""
    made = City([domain()], registry_of([SITE, DEVICE]), **more)
    made.tick(T0)
    return made


def finding(
    phase: str = "open",
    seq: int = 0,
    *,
    opened: int = T0,
    time: int | None = None,
    severity: str = "yellow",
    **more: Any,
) -> Finding:
    """One message of a finding about the tank farm's gas detector; ``opened`` and ``detector`` make its id."""
    detector = str(more.pop("detector", "legal-limit"))
    subject = str(more.pop("subject", "tank-farm-1/GT-1/lel/Rtd"))
    fields: dict[str, Any] = {
        "id": finding_id(detector, 1, subject, opened),
        "phase": phase,
        "seq": seq,
        "domain": "safety",
        "site": "tank-farm-1",
        "subject": subject,
        "quantity": "lel",
        "family": "limit",
        "detector": detector,
        "detector_version": 1,
        "severity": severity,
        "opened": opened,
        "time": opened + seq * MINUTE if time is None else time,
        "text": Text(f"可燃气体超限（{severity}）", f"flammable gas above its limit ({severity})"),
        "origin": Origin("readings.safety", 0, 10, 12),
        "value": 30.0,
        "expected": 25.0,
        "unit": "%LEL",
    }
    return Finding(**(fields | more))


class WallClock:
    """A wall clock that moves only when told."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


class House:
    """Store, intake and desk over one city, with a clock that stands still."""

    def __init__(self, url: str, the_city: City | None = None) -> None:
        self.clock = WallClock()
        self.city = the_city or city()
        self.store = Store(url)
        self.intake = Intake(self.store, self.city, SENDER, self.clock)
        self.desk = Desk(self.store, self.city, SENDER, self.clock)
        self._offsets = count()

    def take(self, *findings: Finding) -> list[str]:
        """Take these as one batch; the ids of the alarms that changed."""
        return self.intake.take([Arrived(each) for each in findings]).alarms

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query, for looking straight into the store."""
        with self.store.read() as connection:
            return list(connection.exec_driver_sql(sql))
