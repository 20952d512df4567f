"""Alarms as the interface shows them: plain dictionaries, titles from packs and registry, both languages."""

import math
from collections.abc import Mapping
from typing import Any

from alerts.alarm_row import from_row
from alerts.city import City
from alerts.lifecycle import Alarm
from alerts.lifecycle.words import unit_title
from alerts.vocabulary import allowed_actions
from records.registry import Site
from topics.finding import Text

#: Columns of the table ``alarm`` that go out under their own name.
PLAIN = (
    "id", "key", "domain", "site", "quantity", "family", "state", "severity", "latched_severity", "opened",
    "updated", "returned", "closed", "unit", "acknowledged_by", "acknowledged_at", "note", "follows", "revision",
    "stored", "annunciated", "shelved_until", "deadline", "escalation", "hidden_by", "verdict",
)  # fmt: skip


def text_view(text: Text) -> dict[str, str]:
    """A text as the interface answers it."""
    return {"zh": text.zh, "en": text.en}


def alarm_view(row: Mapping[str, Any], city: City) -> dict[str, Any]:
    """One alarm of the interface from a row of the table ``alarm``."""
    view = {name: row[name] for name in PLAIN}
    life = from_row(row).life
    return view | {
        "group": row["group_id"],
        "allowed": allowed_actions(life),
        "annunciating": life.annunciating,
        "escalate_to": life.next_step,
        "escalate_to_title": _step_title(row["domain"], life.next_step, city),
        "shelve_max_s": life.handling.shelve_max_s,
        "delayed_until": life.delayed_until,
        "realarm_at": life.realarm_at,
        "handed_to": life.handed_to,
        "one_shot": life.one_shot,
        "shelved_by": life.shelved_by,
        "confirmed_by": life.confirmed_by,
        "confirmed_at": life.confirmed_at,
        "verdict_by": life.verdict_by,
        "verdict_at": life.verdict_at,
        "by_design": _by_design(life),
        "domain_title": text_view(city.domain_title(row["domain"])),
        "site_title": text_view(city.site_title(row["site"])),
        "district": city.district(row["site"]),
        "quantity_title": text_view(city.quantity_title(row["domain"], row["quantity"])),
        "text": {"zh": row["text_zh"], "en": row["text_en"]},
        "value": finite(row["value"]),
        "expected": finite(row["expected"]),
        "simulated": city.simulated,
    }


def _by_design(life: Alarm) -> list[dict[str, Any]]:
    """The findings that a unit's state makes meaningless, and why."""
    return [
        {"finding": name, "severity": each.severity, "unit": each.unit, "state": each.state}
        | {"title": text_view(unit_title(each.unit, each.state))}
        for name, each in sorted(life.by_design.items())
    ]


def _step_title(domain: str, step: str | None, city: City) -> dict[str, str] | None:
    """What the pack calls a step of escalation; a newer pack may have dropped it."""
    if step is None:
        return None
    pack = city.domains.get(domain)
    known = pack.escalation.get(step) if pack is not None else None
    return text_view(known.title if known is not None else Text(step, step))


def site_view(site: Site) -> dict[str, Any]:
    """A registered site as the map needs it; the point is WGS-84."""
    return {
        "id": site.id,
        "domain": site.domain,
        "title": text_view(site.title),
        "district": site.district,
        "lat": site.lat,
        "lon": site.lon,
    }


def guidance_view(row: Mapping[str, Any], city: City) -> dict[str, Any] | None:
    """What the responder must know, ``None`` where the pack says nothing."""
    guidance = city.guidance(row["domain"], row["quantity"], row["family"])
    if guidance is None:
        return None
    return {
        "consequence": text_view(guidance.consequence),
        "action": text_view(guidance.action),
        "respond_within_s": guidance.respond_within_s,
        "owner": text_view(guidance.owner),
    }


def finite(value: float | None) -> float | None:
    """JSON knows neither NaN nor infinity."""
    return value if value is None or math.isfinite(value) else None
