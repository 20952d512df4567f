"""The rules over one sensor at a box or tank: what is odd about its values, and when that is over. Pure."""

from collections.abc import Callable, Mapping

from detectors.rules.box.course import hours_to, slope_per_h
from records.box_limits import KINDS, BoxLimits, Kind, Limit
from records.box_terms import BoxTerms, Levels
from records.fittings import Orders
from streams.judges import box_texts as texts
from streams.judges.box_memory import Sensor
from streams.judges.box_places import Watched
from streams.judges.episodes import Cause, Condition, Episodes
from topics.domain import Quantity
from topics.finding import Finding, Text

HEAT, GAS, HANDLING, SILENCE, LOST = "cargo-heat", "cargo-gas", "cargo-handling", "cargo-silence", "cargo-lost"

RISE, DRIFT = "box-rise", "box-drift"
GAS_RULE, TILT, DOOR, SILENT, MASS_LOSS = "box-gas", "box-tilt", "box-door", "box-silence", "box-mass-loss"
OF_KIND: dict[Kind, str] = {
    "ceiling": "box-ceiling", "control": "box-control", "emergency": "box-emergency", "sadt": "box-sadt",
}  # fmt: skip
OF_SENSOR = (*OF_KIND.values(), RISE, DRIFT, GAS_RULE, TILT, DOOR, SILENT)

SEVERITY: dict[Kind, str] = {"ceiling": "orange", "control": "orange", "emergency": "red", "sadt": "red"}
#: A rise that reaches the next limit within so many hours is worse.
SOON_H = 2.0
OPEN_FROM = 0.5


class BoxRules:
    """``quantities`` are the pack's; ``episodes`` those of the partition. What many lose is told in ``box_areas``."""

    def __init__(self, terms: BoxTerms, quantities: Mapping[str, Quantity], episodes: Episodes) -> None:
        self.terms = terms
        self.quantities = quantities
        self.episodes = episodes

    def value(
        self, sensor: Sensor, watched: Watched, orders: Orders, shared_drift: Callable[[], float | None]
    ) -> list[Finding]:
        """Judge the sensor's newest good value; ``shared_drift`` is how fast the boxes around it drift (°C an hour)."""
        name, terms = sensor.quantity, self.terms
        if name in terms.temperatures:
            return self._heat(sensor, watched, shared_drift)
        if name in terms.gases:
            return self._level(sensor, watched, terms.gases[name], GAS_RULE, GAS, ("orange", "red"))
        if name in terms.tilts:
            return self._level(sensor, watched, terms.tilts[name], TILT, HANDLING, ("yellow", "orange"))
        return self.door(sensor, watched, orders, sensor.at)

    def over(self, sensor: Sensor, time_ms: int, text: Text = texts.LEFT) -> list[Finding]:
        """Nothing more is known of it: whatever it told of ends."""
        cause = Cause(time_ms, sensor.offset, 0)
        return [each for rule in OF_SENSOR for each in self.episodes.ends(rule, sensor.key, cause, text)]

    def silent(self, sensor: Sensor, watched: Watched, time_ms: int) -> list[Finding]:
        """Nothing has been heard of it for too long."""
        own = watched.limits.own()
        lowest = own[0] if own else watched.limits.limits.get("ceiling")
        unit = self.quantities[sensor.quantity].unit
        heat = sensor.quantity in self.terms.temperatures
        text = texts.silent(watched.what, sensor.heard, sensor.value, unit, lowest if heat else None)
        severity = "orange" if watched.limits.controlled and heat else "yellow"
        condition = self._about(sensor, watched, SILENT, SILENCE, severity, text, since=sensor.heard)
        return self.episodes.holds(condition, Cause(time_ms, sensor.offset, 0))

    def heard(self, sensor: Sensor, time_ms: int, offset: int, stamp: int) -> list[Finding]:
        """A sensor that was silent has spoken."""
        return self.episodes.ends(SILENT, sensor.key, Cause(time_ms, offset, stamp), texts.HEARD)

    def door(self, sensor: Sensor, watched: Watched, orders: Orders, time_ms: int) -> list[Finding]:
        """A door that stands open at ``time_ms``, ordered or not."""
        cause = Cause(time_ms, sensor.offset, sensor.stamp)
        if sensor.value is None or sensor.value < OPEN_FROM:
            sensor.beyond.pop(DOOR, None)
            return self.episodes.ends(DOOR, sensor.key, cause, texts.BACK)
        since = sensor.beyond.setdefault(DOOR, sensor.at)
        by = orders.by(watched.box.container, time_ms)
        if by is not None:
            return self.episodes.ends(DOOR, sensor.key, cause, texts.ordered(by))
        if time_ms - since < self.terms.door_hold_s * 1000:
            return []
        text = texts.opened(watched.what, since)
        condition = self._about(sensor, watched, DOOR, HANDLING, "orange", text, since=since, value=sensor.value)
        return self.episodes.holds(condition, cause)

    def _level(
        self, sensor: Sensor, watched: Watched, levels: Levels, rule: str, family: str, severities: tuple[str, str]
    ) -> list[Finding]:
        value, cause = sensor.value or 0.0, Cause(sensor.at, sensor.offset, sensor.stamp)
        for name, bound in (("first", levels.first), ("second", levels.second)):
            if value >= bound:
                sensor.beyond.setdefault(name, sensor.at)
            elif value < bound - levels.deadband or not self.episodes.has(rule, sensor.key):
                sensor.beyond.pop(name, None)
        held = [name for name in ("first", "second") if self._held(sensor, name, levels.hold_s)]
        if not held:
            return [] if sensor.beyond.get("first") else self.episodes.ends(rule, sensor.key, cause, texts.BACK)
        step, bound = (2, levels.second) if "second" in held else (1, levels.first)
        quantity, since = self.quantities[sensor.quantity], sensor.beyond[held[-1]]
        source = texts.basis(levels.source, levels.confirmed)
        text = texts.level(watched.what, quantity.title, value, quantity.unit, step, bound, source, since)
        condition = self._about(
            sensor, watched, rule, family, severities[step - 1], text, since=since, value=value, expected=bound
        )
        return self.episodes.holds(condition, cause)

    def _held(self, sensor: Sensor, name: str, hold_s: float) -> bool:
        since = sensor.beyond.get(name)
        return since is not None and sensor.at - since >= hold_s * 1000

    def _heat(self, sensor: Sensor, watched: Watched, shared_drift: Callable[[], float | None]) -> list[Finding]:
        value, cause = sensor.value or 0.0, Cause(sensor.at, sensor.offset, sensor.stamp)
        rise, drift = self.terms.rise, self.terms.drift
        found: list[Finding] = []
        if sensor.fast.take(sensor.at, value, int(rise.bucket_s * 1000), int(rise.window_s * 1000)):
            slope = slope_per_h(sensor.fast.medians, int(rise.window_s * 1000), int(rise.bucket_s * 1000))
            sensor.rise = slope[0] if slope is not None else None
            found += self._rising(sensor, watched, cause)
        if sensor.slow.take(sensor.at, value, int(drift.bucket_s * 1000), int(drift.window_s * 1000)):
            slope = slope_per_h(sensor.slow.medians, int(drift.window_s * 1000), int(drift.bucket_s * 1000))
            sensor.drift = slope[0] if slope is not None else None
            found += self._drifting(sensor, watched, slope[1] if slope is not None else 0.0, shared_drift(), cause)
        for kind in KINDS:
            limit = watched.limits.limits.get(kind)
            if limit is None:
                found += self._within(sensor, kind, cause)
            else:
                found += self._passed(sensor, watched, limit, value, cause)
        return found

    def _passed(self, sensor: Sensor, watched: Watched, limit: Limit, value: float, cause: Cause) -> list[Finding]:
        kind, rule, terms = limit.kind, OF_KIND[limit.kind], self.terms
        bound = limit.value - (terms.sadt_margin_c if kind == "sadt" else 0.0)
        beyond = value >= bound if kind in ("emergency", "sadt") else value > bound
        if not beyond:
            if self.episodes.has(rule, sensor.key) and value > bound - terms.deadband_c:
                return []
            return self._within(sensor, kind, cause)
        since = sensor.beyond.setdefault(kind, sensor.at)
        sensor.worst[kind] = max(sensor.worst.get(kind, value), value)
        if not self._held(sensor, kind, terms.hold_s):
            return []
        following, hours = self._next(sensor, watched.limits, value)
        text = texts.passed(watched.what, limit, value, since, terms.sadt_margin_c, texts.ahead(following, hours))
        condition = self._about(
            sensor, watched, rule, HEAT, SEVERITY[kind], text,
            since=since, value=value, expected=bound, limit=limit, hours=hours,
            mark=str(int((sensor.worst[kind] - bound) // 2.0)),
        )  # fmt: skip
        return self.episodes.holds(condition, cause)

    def _within(self, sensor: Sensor, kind: Kind, cause: Cause) -> list[Finding]:
        sensor.beyond.pop(kind, None)
        sensor.worst.pop(kind, None)
        return self.episodes.ends(OF_KIND[kind], sensor.key, cause, texts.BACK)

    def _rising(self, sensor: Sensor, watched: Watched, cause: Cause) -> list[Finding]:
        """It goes on until it is half as fast: a slope beside its bound is no news each time."""
        rule, limits, rate = self.terms.rise, watched.limits, sensor.rise
        bound = rule.controlled_per_h if limits.controlled else rule.per_h
        if rate is None or rate < bound:
            return self.episodes.ends(RISE, sensor.key, cause, texts.BACK) if rate is None or rate < bound / 2 else []
        value = sensor.value or 0.0
        following, hours = self._next(sensor, limits, value)
        then = texts.ahead(following, hours)
        doubt = texts.unknown(limits)
        text = texts.rising(
            watched.what, value, rate, rule.window_s, bound, Text(then.zh + doubt.zh, then.en + doubt.en)
        )
        soon = hours is not None and hours <= SOON_H
        severity = "orange" if soon or rate >= 2 * bound else "yellow"
        condition = self._about(
            sensor, watched, RISE, HEAT, severity, text,
            since=sensor.fast.medians[0][0], value=round(rate, 2), expected=bound, limit=following, hours=hours,
            unit="°C/h",
        )  # fmt: skip
        return self.episodes.holds(condition, cause)

    def _drifting(
        self, sensor: Sensor, watched: Watched, steady: float, shared: float | None, cause: Cause
    ) -> list[Finding]:
        """What the boxes around it share is the weather, and no drift of this one's."""
        rule, rate = self.terms.drift, sensor.drift
        middle = sensor.slow.medians[-1][1]
        above = [each for each in watched.limits.own() if each.value > middle]
        hours = hours_to(above[0].value, middle, rate) if above and rate is not None else None
        horizon = rule.horizon_s / 3600
        own = (rate or 0.0) - max(0.0, shared or 0.0)
        if hours is None or rate is None or own < rule.per_h / 2 or hours > 1.5 * horizon:
            return self.episodes.ends(DRIFT, sensor.key, cause, texts.BACK)
        if own < rule.per_h or steady < rule.steady or hours > horizon:
            return []
        text = texts.drifting(watched.what, middle, rate, rule.window_s, shared, texts.ahead(above[0], hours))
        condition = self._about(
            sensor, watched, DRIFT, HEAT, "yellow", text,
            since=sensor.slow.medians[0][0], value=round(rate, 3), expected=rule.per_h, limit=above[0], hours=hours,
            unit="°C/h", mark=f"{above[0].kind} {hours < horizon / 2}",
        )  # fmt: skip
        return self.episodes.holds(condition, cause)

    def _next(self, sensor: Sensor, limits: BoxLimits, value: float) -> tuple[Limit | None, float | None]:
        """The next limit above, and the hours until it at the pace of the last hour, else of the last hours."""
        above = sorted((each for each in limits.limits.values() if each.value > value), key=lambda each: each.value)
        pace = sensor.rise if sensor.rise is not None and sensor.rise > 0 else sensor.drift
        if not above or pace is None:
            return None, None
        return above[0], hours_to(above[0].value, value, pace)

    def _about(
        self,
        sensor: Sensor,
        watched: Watched,
        rule: str,
        family: str,
        severity: str,
        text: Text,
        *,
        since: int,
        value: float | None = None,
        expected: float | None = None,
        limit: Limit | None = None,
        hours: float | None = None,
        unit: str = "",
        mark: str = "",
    ) -> Condition:
        """The condition as a finding tells it; its alarm is that of the box."""
        facts: dict[str, str | float | int | None] = {
            "container": watched.box.container,
            "device": sensor.device,
            "measured": sensor.quantity,
            "area": watched.area,
            "un": ", ".join(dict.fromkeys(line.un for line in watched.box.goods)),
            "since": since,
        }
        if limit is not None:
            facts |= {
                "limit": limit.kind,
                "limit_c": limit.value,
                "limit_source": limit.source,
                "limit_confirmed": "yes" if limit.confirmed else "no",
            }
        if hours is not None:
            facts["hours_to_limit"] = round(hours, 2)
        if watched.limits.unknown:
            facts["limits_unknown"] = ", ".join(watched.limits.unknown)
        return Condition(
            rule, family, sensor.site, sensor.key, watched.box.container, severity, text, mark, value, expected,
            unit or (self.quantities[sensor.quantity].unit if value is not None else ""), "", facts,
        )  # fmt: skip
