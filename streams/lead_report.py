"""How long before an event of a played day its site was warned of. A warning after the event is a miss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from detectors.scoring.lead_time import Lead, lead_time
from streams.sources.simulator.script_lines import Seen, ms


@dataclass(frozen=True, slots=True)
class ToldWhen:
    """City time, ms UTC: ``alarms`` (site, quantity, family, opened) and ``warnings`` (site, released)."""

    alarms: tuple[tuple[str, str, str, int], ...]
    warnings: tuple[tuple[str, int], ...]


def told_when(store: Store) -> ToldWhen:
    """What the store says was told, the alarms by their opening and the warnings by their release."""
    alarm, warning = schema.alarm.c, schema.warning.c
    opened = sa.select(alarm.site, alarm.quantity, alarm.family, alarm.opened).order_by(alarm.opened, alarm.id)
    released = (
        sa.select(alarm.site, warning.released)
        .join_from(schema.warning, schema.alarm, warning.alarm_id == alarm.id)
        .where(warning.msg_type != "Cancel")
        .order_by(warning.released, warning.id)
    )
    with store.read() as connection:
        return ToldWhen(
            tuple((row[0], row[1], row[2], row[3]) for row in connection.execute(opened)),
            tuple((row[0], row[1]) for row in connection.execute(released)),
        )


def lead_report(events: Sequence[Seen], told: ToldWhen) -> list[dict[str, Any]]:
    """For each event minutes from its site's first warning to it (``None`` and ``missed`` where the first came after),
    and the same for each alarm of the site, by "quantity family"."""
    found = []
    for event in sorted(events, key=lambda each: (each.at, each.id)):
        at = ms(event.at)
        lead = lead_time(at, [time for site, time in told.warnings if site == event.site])
        opened: dict[str, list[int]] = {}
        for site, quantity, family, time in told.alarms:
            if site == event.site:
                opened.setdefault(f"{quantity} {family}", []).append(time)
        found.append(
            {
                "event": event.id,
                "title": {"zh": event.title.zh, "en": event.title.en},
                "at": at,
                "minutes": _minutes(lead),
                "missed": lead.missed,
                "late_minutes": None if lead.late_minutes is None else round(lead.late_minutes, 1),
                "alarms": {name: _minutes(lead_time(at, times)) for name, times in sorted(opened.items())},
            }
        )
    return found


def lead_text(event: dict[str, Any]) -> str:
    """An entry of the report in words."""
    if not event["missed"]:
        in_time = [minutes for minutes in event["alarms"].values() if minutes]  # what came with it is no lead
        last = f"; {len(in_time)} alarms of the site before it, the last {long_text(min(in_time))}" if in_time else ""
        return f"{long_text(event['minutes'])}{last}"
    late = event["late_minutes"]
    return "MISSED: " + ("no warning came" if late is None else f"the first came {long_text(late)} after it")


def long_text(minutes: float) -> str:
    """So many minutes as people say them."""
    if minutes < 120:
        return f"{minutes:.1f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def _minutes(lead: Lead) -> float | None:
    return None if lead.minutes is None else round(lead.minutes, 1)
