"""What the interface answers, as types: they make the OpenAPI document good enough to generate clients from.

They describe; the answers themselves are built where they are read. A test holds each against the real answer.
Times are ms UTC of event time where nothing else is said.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.lifecycle import State


class Answer(BaseModel):
    """An answer may have more fields than are described here: clients ignore what they do not know."""

    model_config = ConfigDict(extra="allow")


class Said(Answer):
    """One text in both languages."""

    zh: str
    en: str


class AlarmAnswer(Answer):
    """One alarm as lists and stream show it."""

    id: str
    key: str = Field(description="domain|site|quantity|family; at most one alarm of a key is open")
    domain: str
    domain_title: Said
    site: str
    site_title: Said
    district: str = Field(description="GB/T 2260 code, empty where the site is not registered")
    quantity: str
    quantity_title: Said
    family: str
    state: State
    severity: str = Field(description="code of the domain's scheme, the worst of what is open now")
    latched_severity: str = Field(description="the worst since the alarm opened")
    text: Said
    value: float | None
    expected: float | None
    unit: str
    opened: int
    updated: int
    returned: int | None
    closed: int | None
    acknowledged_by: str | None
    acknowledged_at: int | None
    note: str
    follows: str | None
    revision: int
    stored: int = Field(description="wall time of the insert")
    allowed: list[str] = Field(description="the actions its state takes")
    simulated: bool


class AlarmsAnswer(Answer):
    """A page of alarms, the youngest first; ``next`` is the cursor of the page after it."""

    items: list[AlarmAnswer]
    next: str | None


class LogLine(Answer):
    """One line of an alarm's log: who did what at which city time (``time``), written down at which ``wall`` time."""

    time: int
    wall: int
    action: str
    who: str | None
    note: str
    from_: str = Field(alias="from")
    to: str
    severity: str


class StoryAnswer(AlarmAnswer):
    """One alarm with all that is known of it."""

    findings: list[dict[str, object]]
    log: list[LogLine]
    warnings: list[dict[str, object]]
    followed_by: str | None
    guidance: dict[str, object] | None
    problems: list[Said] = Field(description="what pack or registry lack for it")


class Tile(Answer):
    """A tile of the wall, some quantities of a domain: the worst severity of its open alarms, ``null`` without one."""

    title: Said
    severity: str | None
    alarms: int
    unacknowledged: int


class WallDomain(Answer):
    """A domain on the wall; ``lag`` is how many of its records no worker has judged yet."""

    name: str
    title: Said
    status: Literal["live", "silent", "dead"]
    last_reading: int | None
    readings: int
    events: int
    lag: int
    alarms: dict[str, int] = Field(description="open alarms by severity")
    unacknowledged: int
    tiles: list[Tile]


class DeskFlood(Answer):
    """Whether a desk's alarms come as a flood, since when (city time), and what share of its day that took, 0 to 1."""

    on: bool
    since: int | None
    share_of_day: float


class WallDesk(Answer):
    """One duty desk now; see docs/duty-desk.md for each figure."""

    desk: str
    title: Said
    now: int = Field(description="annunciated in the last ten minutes")
    last_hour: int
    peak: int
    flood: DeskFlood
    chattering: int
    stale: int
    waiting: int
    oldest_waiting_s: float | None


class WallAnswer(Answer):
    """How the city stands now."""

    city_time: int | None
    simulated: bool
    speed: float
    domains: list[WallDomain]
    totals: dict[str, int]
    desks: list[WallDesk]
    latency_ms: dict[str, int | None]


class SiteAnswer(Answer):
    """A site as registered, with its WGS-84 point in degrees."""

    id: str
    domain: str
    title: Said
    district: str
    lat: float
    lon: float


class SitesAnswer(Answer):
    """The sites that the reader may see."""

    items: list[SiteAnswer]


class ReportAnswer(Answer):
    """Figures of the whole store."""

    findings: int
    finding_messages: int
    alarms: dict[str, dict[str, int]]
    due: int
    delivered: int
    signed_for: int
    dead: int
    repeated: int
    refused: int
    behind: int
    latency_ms: dict[str, int | None]
