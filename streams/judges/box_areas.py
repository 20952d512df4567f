"""The sensors of each area of a yard, and areas that lose many of them at once. Pure."""

import math
from collections.abc import Callable

from detectors.rules.box.course import median_of
from detectors.rules.box.lost import lost_together
from records.box_terms import Lost
from streams.judges import box_texts as texts
from streams.judges.box_memory import Sensor
from streams.judges.box_rules import LOST, MASS_LOSS
from streams.judges.episodes import Cause, Condition, Episodes
from topics.finding import Finding, Text

#: Boxes named in the text of a loss, and devices in its facts.
NAMED, LISTED = 5, 20
#: Fewer other boxes say nothing of the weather.
LEAST_OTHERS = 2


class BoxAreas:
    """Keeps which sensor is where. ``lost``: area (``site/area``) whose loss is open → the devices it has lost."""

    def __init__(self, rule: Lost, episodes: Episodes) -> None:
        self.rule = rule
        self.episodes = episodes
        self.lost: dict[str, list[str]] = {}
        self._of: dict[tuple[str, str], dict[str, dict[str, Sensor]]] = {}

    def put(self, sensor: Sensor, area: str) -> None:
        """The sensor is in this area."""
        devices = self._of.setdefault((sensor.site, area), {})
        known = devices.get(sensor.device)
        if known is not None and known.get(sensor.quantity) is sensor:
            return
        self.take(sensor)
        sensor.area = area
        devices.setdefault(sensor.device, {})[sensor.quantity] = sensor

    def take(self, sensor: Sensor) -> None:
        """The sensor watches nothing any more, or goes elsewhere."""
        devices = self._of.get((sensor.site, sensor.area), {})
        own = devices.get(sensor.device, {})
        if own.get(sensor.quantity) is sensor:
            del own[sensor.quantity]
            if not own:
                del devices[sensor.device]

    def shared_drift(self, sensor: Sensor) -> float | None:
        """How fast (°C an hour) the other boxes of the area drift, their median: the sun warms them all. ``None`` where
        there are fewer than two others, infinite while too few of them know it yet: then nothing can be said.
        """
        devices = self._of.get((sensor.site, sensor.area), {})
        others = [
            each.drift
            for name, own in devices.items()
            if name != sensor.device
            for each in own.values()
            if each.slow.at and not each.silent
        ]
        known = [each for each in others if each is not None]
        if len(others) < LEAST_OTHERS:
            return None
        return median_of(known) if len(known) >= LEAST_OTHERS else math.inf

    def losing(self, sensor: Sensor, time_ms: int, called: Callable[[str], Text | None]) -> list[Finding]:
        """Whether the area of a sensor that has just fallen silent has lost many; ``called``: device → its box."""
        rule, devices = self.rule, self._of[sensor.site, sensor.area]
        silent = {
            name: max(each.heard for each in own.values())
            for name, own in devices.items()
            if all(each.silent for each in own.values())
        }
        if sensor.device not in silent:
            return []
        within = int(rule.within_s * 1000)
        newest = max(silent.values())
        watched = len(devices) - sum(newest - heard > within for heard in silent.values())
        gone = lost_together(silent, watched, within, rule.least, rule.share)
        if not gone:
            return []
        subject = f"{sensor.site}/{sensor.area}"
        known = self.lost.get(subject, [])
        lost = self.lost[subject] = [*known, *(name for name in gone if name not in known)]
        boxes = [text for name in lost[:NAMED] if (text := called(name)) is not None]
        first = min(silent.get(name, newest) for name in lost)
        text = texts.lost(sensor.area, lost, max(watched, len(lost)), first, newest, boxes)
        facts: dict[str, str | float | int | None] = {
            "area": sensor.area, "lost": len(lost), "of": max(watched, len(lost)), "since": first,
            "devices": ", ".join(lost[:LISTED]),
        }  # fmt: skip
        # Each further one is news while they are few.
        mark = str(len(lost)) if len(lost) <= 10 else f"{len(lost) // 10}0"
        condition = Condition(
            MASS_LOSS, LOST, sensor.site, subject, sensor.area, "red", text, mark, float(len(lost)),
            float(rule.least), "", "", facts,
        )  # fmt: skip
        return self.episodes.holds(condition, Cause(time_ms, sensor.offset, 0))

    def regained(self, sensor: Sensor, time_ms: int) -> list[Finding]:
        """A loss is over once fewer than half of its sensors are still silent."""
        found: list[Finding] = []
        for subject in sorted(self.lost):
            site, _, area = subject.partition("/")
            lost = self.lost[subject]
            if site != sensor.site or sensor.device not in lost:
                continue
            devices = self._of.get((site, area), {})
            there = [devices.get(name, {}) for name in lost]
            still = sum(bool(own) and all(each.silent for each in own.values()) for own in there)
            if 2 * still < len(lost):
                del self.lost[subject]
                found += self.episodes.ends(MASS_LOSS, subject, Cause(time_ms, sensor.offset, 0), texts.REGAINED)
        return found
