"""A small city of firms for the rules of safety work; its numbers are the tests' own."""

from typing import Any

import msgspec

from records.registry import Site
from records.safety.days import HOUR_MS, MINUTE_MS, at
from records.safety.standing import Given, Picture
from records.safety.terms import SafetyTerms
from topics.finding import Text
from topics.safety_events import Commitment, Signature, WorkPermit

DAY = "2026-11-27"
TEN = at(DAY, "10:00")
HOUR, MINUTE = HOUR_MS, MINUTE_MS
SAID = {"source": "the test", "confirmed": True}

TABLE: dict[str, Any] = {
    "commitment": {
        "source_types": ["chemical-plant"],
        "due_by": "10:00",
        "signs": [{"quantity": "flow", "above": 0.0, "hold_s": 300}],
    },
    "permit": {
        "approvals": {"hot-work": ["unit-head", "safety-department"], "confined-space": ["unit-head"]},
        "longest_s": {"hot-work": 28_800},
        "gas_test_within_s": {"hot-work": 1800, "confined-space": 1800},
        "crossing": [{"works": ["hot-work", "hot-work"], "within_m": 15.0}],
    },
    "guarantor": {
        "roles": {
            "principal": {"title": {"zh": "主要负责人", "en": "principal"}, "families": ["hazard-grade"]},
            "technical": {"title": {"zh": "技术负责人", "en": "technical"}, "families": ["hazard"]},
            "operation": {"title": {"zh": "操作负责人", "en": "operation"}, "families": ["limit"]},
        }
    },
    "grade": {
        "below": [["red", 60.0], ["orange", 75.0], ["yellow", 90.0]],
        "best": "blue",
        "worst": "red",
        "direct_red": {"never-designed": {"zh": "未经正规设计", "en": "never properly designed"}},
    },
    "visit": {
        "sizes": {"red": 2},
        "checks": {"interlocks": {"zh": "联锁投用", "en": "interlocks in service"}},
        "climbs": [{"after_days": 0, "severity": "yellow"}, {"after_days": 3, "severity": "orange"}],
    },
    "danger": {
        "days": {"general": 30, "major": 15},
        "climbs": {
            "general": [{"after_days": 0, "severity": "yellow"}],
            "major": [{"after_days": 0, "severity": "orange"}, {"after_days": 3, "severity": "red"}],
        },
    },
}
TABLE = {name: SAID | part for name, part in TABLE.items()}
TERMS = msgspec.convert(TABLE, SafetyTerms)


def site(name: str, **more: Any) -> Site:
    fields: dict[str, Any] = {
        "id": name, "domain": "safety", "title": Text(f"{name}厂", f"plant {name}"), "firm": name,
        "district": "120116", "lat": 39.0, "lon": 117.7, "source_type": "chemical-plant",
    }  # fmt: skip
    return Site(**(fields | more))


def commitment(name: str, given: int = TEN - HOUR, day: str = DAY, **more: Any) -> Commitment:
    fields: dict[str, Any] = {"by": "厂长", "units": 2, "running": 2}
    return Commitment(f"c-{name}-{day}-{given}", name, given, day, **(fields | more))


def given(*said: Commitment) -> dict[tuple[str, str], Given]:
    """Each as it was first given and as it stands now."""
    found: dict[tuple[str, str], Given] = {}
    for each in said:
        before = found.get((each.site, each.day))
        found[(each.site, each.day)] = Given(before.first if before else each, each)
    return found


def permit(number: int, name: str = "p1", start: int = TEN + HOUR, **more: Any) -> WorkPermit:
    """A permit of hot work without a fault, two hours long."""
    fields: dict[str, Any] = {
        "time": start + 3 * HOUR, "work": "hot-work", "applicant": f"王{number}", "end": start + 2 * HOUR,
        "lat": 39.0, "lon": 117.7 + number * 0.001,
        "signatures": (
            Signature("unit-head", f"李{number}", start - 40 * MINUTE),
            Signature("safety-department", f"赵{number}", start - 30 * MINUTE),
        ),
        "gas_tests": (start - 10 * MINUTE,), "completed": start + HOUR, "completed_by": f"李{number}",
    }  # fmt: skip
    about: dict[str, Any] = {"id": f"m{number}", "site": name, "permit": f"DH-{number:03d}", "start": start}
    return WorkPermit(**(about | fields | more))


def picture(**more: Any) -> Picture:
    """A picture of one plant ``p1`` where nothing else is said."""
    fields: dict[str, Any] = {"terms": TERMS, "sites": {"p1": site("p1")}}
    return Picture(**(fields | more))
