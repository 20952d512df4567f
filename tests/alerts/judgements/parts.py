"""A judged outlet for the desk's tests."""

from typing import Any

from topics.finding import Text
from topics.judgement import Earlier, Judgement, LimitUsed

DAY0 = 1_777_564_800_000
HOUR, DAY = 3_600_000, 86_400_000
SUBJECT = "tank-farm-1/GT-1/lel"

LIMIT = LimitUsed(
    50.0, "high", "national", "GB 18918-2002", "2002", "Table 1, 1A", "from memory", False, Text("国家标准", "national")
)


def judgement(verdict: Any = "exceeds", number: int = 0, version: int = 1, **more: Any) -> Judgement:
    """A judgement of the day (or hour) ``number``, of the site the tests' city knows."""
    length = HOUR if more.get("period") == "hour" else DAY
    start = DAY0 + number * length
    fields: dict[str, Any] = {
        "subject": SUBJECT, "period": "day", "start": start, "end": start + length, "version": version,
        "verdict": verdict, "made": start + length + HOUR, "cause": "first",
        "reason": Text("超过限值 50（限值未经核实）", "beyond the limit 50 (limit not confirmed)"), "unit": "mg/L",
        "value": 81.5, "limit": LIMIT, "multiple": 0.63, "days_over": 1, "severity": "blue", "valid": 24, "of": 24,
    }  # fmt: skip
    if version > 1:
        fields["earlier"] = (Earlier(1, "exceeds", start + length + HOUR, "first", 81.5, 50.0),)
    return Judgement(**(fields | more))
