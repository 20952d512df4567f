"""Monitored points and when they were silent: the ground of alarm rates and online rates.

A point is a quantity of a device, while the registry says it is valid. It is silent from when the detector of silence
says that its series is missing until the series speaks again; one that was never heard is not known to be silent.
"""

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from alerts import schema
from records.registry import Device, Registry, Site
from records.safety_figures import Place, Point
from topics.families import FAMILIES, HAZARD_FAMILIES

#: Alarms of these families are about instruments; others follow from what people did not do.
MEASURED = frozenset((*FAMILIES, *HAZARD_FAMILIES))
#: The detector that says when an instrument has been silent for longer than its domain allows.
MISSING = "missing"
#: Where a record of the registry says no end.
FOREVER = 2**62


def points_of(
    connection: sa.Connection, registry: Registry, domain: str, places: Mapping[str, Place], start: int, end: int
) -> list[Point]:
    """The points of these sites, with the outages that touch ``start <= t < end``. A point is silent while its Rtd
    series is, or, without one, its first.
    """
    silent = _silences(connection, domain, start, end)
    found = []
    for name, place in places.items():
        site = registry.site(name)
        for device in registry.devices(name):
            if device.retired or site is None or site.retired:
                continue
            bounds = _valid(site, device)
            for quantity, meta in device.quantities.items():
                statistics = meta.statistics or ("Rtd",)
                statistic = "Rtd" if "Rtd" in statistics else statistics[0]
                series = f"{name}/{device.id}/{quantity}/{statistic}"
                found.append(Point(place, *bounds, tuple(silent.get(series, ()))))
    return found


def _valid(site: Site, device: Device) -> tuple[int, int]:
    starts = (site.valid_from or 0, device.valid_from or 0)
    ends = (FOREVER if each.valid_to is None else each.valid_to for each in (site, device))
    return max(starts), min(ends)


def _silences(connection: sa.Connection, domain: str, start: int, end: int) -> dict[str, list[tuple[int, int | None]]]:
    """The outages of each series that touch the stretch, as the detector of silence has told them."""
    alarm, finding = schema.alarm.c, schema.finding.c
    asked = (
        sa.select(
            finding.subject, finding.opened,
            sa.func.max(sa.case((finding.phase == "close", finding.time))).label("over"),
        )
        .join(schema.alarm, alarm.id == finding.alarm_id)
        .where(
            alarm.domain == domain, alarm.family == "quality", alarm.opened < end, finding.detector == MISSING,
            sa.or_(alarm.closed.is_(None), alarm.closed >= start),
        )
        .group_by(finding.id, finding.subject, finding.opened)
    )  # fmt: skip
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for row in connection.execute(asked):
        found[row.subject].append((row.opened, row.over))
    return found
