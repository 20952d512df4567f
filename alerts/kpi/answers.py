"""What the interface answers of a desk's key figures (docs/duty-desk.md), as types for the OpenAPI document.

Times are ms UTC of event time; they describe, as those of alerts/answers.py do.
"""

from typing import Literal

from pydantic import Field

from alerts.answers import Answer, Said


class DeskName(Answer):
    """A desk and what it is called."""

    desk: str
    title: Said


class Average(Answer):
    """Alarms a desk was told of, by length of time."""

    per_10_min: float
    per_hour: float
    per_day: float


class Flood(Answer):
    """Alarm floods of a desk: ``count`` of them, the longest in seconds, and their share of the time, 0 to 1."""

    on: bool
    since: int | None
    count: int
    share_of_time: float
    longest_s: float
    periods: list[dict[str, int | None]]


class KeyFigure(Answer):
    """What one alarm key is about, in the words of pack and registry."""

    key: str
    domain: str
    site: str
    site_title: Said
    quantity: str
    quantity_title: Said
    family: str


class LoudKey(KeyFigure):
    """A key and how many alarms it brought; ``share`` of all, 0 to 1."""

    alarms: int
    share: float


class Top(Answer):
    """The loudest keys and their share of all alarms together, 0 to 1."""

    share: float
    keys: list[LoudKey]


class Mix(Answer):
    """Alarms of one priority: their share of all and the one recommended, each 0 to 1."""

    alarms: int
    share: float
    recommended: float


class Unacknowledged(Answer):
    """How long alarms waited to be acknowledged, in seconds: those still waiting, and those answered."""

    waiting: int
    oldest_s: float | None
    answered: int
    mean_s: float | None
    p50_s: float | None
    p95_s: float | None
    longest_s: float | None


class DeskPoints(Answer):
    """The monitored points a desk watches over; rates are ``null`` where there is none."""

    points: int
    point_hours: float
    offline_hours: float
    online_percent: float | None
    drop_outs: int
    alarms_of_instruments: int
    alarms_per_point_day: float | None


class DeskFiguresAnswer(Answer):
    """The key figures of one desk over (from, to]; docs/duty-desk.md defines each."""

    desk: str
    title: Said
    from_: int = Field(alias="from")
    to: int
    alarms: int
    now: int
    average: Average
    peak: dict[str, int | None]
    flood: Flood
    chattering: dict[str, object]
    fleeting: int
    stale: dict[str, object]
    top: Top
    mix: dict[Literal["low", "medium", "high", "critical"], Mix]
    unacknowledged: Unacknowledged
    points: DeskPoints
    desks: list[DeskName]
