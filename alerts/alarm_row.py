"""An alarm as it is kept: its life (lifecycle.py) and what is said about it, to and from a row of the store."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.lifecycle import Alarm, next_due
from topics.finding import Finding, Text

_OPEN = msgspec.json.Decoder(dict[str, str])
_MORE = msgspec.json.Decoder(dict[str, Any])

#: The fields of a life that have columns of their own, by the column's name; all others travel in ``more``.
COLUMNS = {
    "state": "state",
    "severity": "severity",
    "latched_severity": "latched",
    "covered_severity": "covered",
    "opened": "opened",
    "updated": "updated",
    "returned": "returned",
    "closed": "closed",
    "acknowledged_by": "acknowledged_by",
    "acknowledged_at": "acknowledged_at",
    "note": "note",
    "revision": "revision",
    "annunciated": "annunciated",
    "shelved_until": "shelved_until",
    "deadline": "deadline",
    "escalation": "escalation",
    "hidden_by": "hidden_by",
    "verdict": "verdict",
}
_IN_COLUMNS = {"findings", *COLUMNS.values()}


class AlarmRow(msgspec.Struct, frozen=True):
    """One row of the table ``alarm``. ``rank`` is that of the current severity; ``stored`` is the wall time
    of the insert; ``follows`` the closed alarm of the same key before this one; ``group_id`` the group it is in.
    """

    id: str
    key: str
    domain: str
    site: str
    quantity: str
    family: str
    life: Alarm
    rank: int
    text: Text
    value: float | None
    unit: str
    expected: float | None
    follows: str | None
    stored: int
    group_id: str | None = None


def new_alarm(finding: Finding, follows: str | None, stored_ms: int, *, outgrew: bool = False) -> AlarmRow:
    """A blank alarm for this finding; its id depends on the finding alone, so a rebuilt store gives the same ids.

    ``outgrew``: the finding's first alarm was closed by hand, so this message of it makes one more.
    """
    again = f"\n{finding.seq}" if outgrew else ""
    digest = hashlib.blake2b(f"{finding.alarm_key}\n{finding.id}{again}".encode(), digest_size=10).hexdigest()
    return AlarmRow(
        id=digest,
        key=finding.alarm_key,
        domain=finding.domain,
        site=finding.site,
        quantity=finding.quantity,
        family=finding.family,
        life=Alarm(),
        rank=0,
        text=finding.text,
        value=finding.value,
        unit=finding.unit,
        expected=finding.expected,
        follows=follows,
        stored=stored_ms,
    )


def to_row(alarm: AlarmRow) -> dict[str, Any]:
    """The columns of the table ``alarm``."""
    life = alarm.life
    timed = next_due(life)
    return {
        "id": alarm.id,
        "key": alarm.key,
        "domain": alarm.domain,
        "site": alarm.site,
        "quantity": alarm.quantity,
        "family": alarm.family,
        "rank": alarm.rank,
        "text_zh": alarm.text.zh,
        "text_en": alarm.text.en,
        "value": alarm.value,
        "unit": alarm.unit,
        "expected": alarm.expected,
        "follows": alarm.follows,
        "open_findings": msgspec.json.encode(life.findings, order="sorted").decode(),
        "stored": alarm.stored,
        "group_id": alarm.group_id,
        "due": timed.time if timed is not None else None,
        "more": _more(life),
    } | {column: getattr(life, field) for column, field in COLUMNS.items()}


def _more(life: Alarm) -> str:
    """What has no column of its own and is not as in a new alarm, as JSON."""
    fields = msgspec.to_builtins(life)
    kept = {name: value for name, value in fields.items() if name not in _IN_COLUMNS}
    return msgspec.json.encode(kept, order="sorted").decode()


def to_changes(alarm: AlarmRow) -> dict[str, Any]:
    """The row but for its id: an id that is written, even the same, has the database look for all that refers to it."""
    row = to_row(alarm)
    return row | {"which": row.pop("id")}


def from_row(row: Mapping[str, Any]) -> AlarmRow:
    """The alarm of a row of the table ``alarm``."""
    fields = {field: row[column] for column, field in COLUMNS.items()}
    more = _MORE.decode(row["more"])
    life = msgspec.convert(more | fields | {"findings": _OPEN.decode(row["open_findings"])}, Alarm)
    plain = (
        "id", "key", "domain", "site", "quantity", "family", "rank", "value", "unit", "expected", "follows", "group_id",
    )  # fmt: skip
    return AlarmRow(
        **{name: row[name] for name in plain},
        life=life,
        text=Text(row["text_zh"], row["text_en"]),
        stored=row["stored"],
    )


def worded(alarm: AlarmRow, finding: Finding) -> AlarmRow:
    """The alarm with the words and numbers of its worst finding."""
    return msgspec.structs.replace(
        alarm,
        text=finding.text,
        value=finding.value,
        unit=finding.unit,
        expected=finding.expected,
    )


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL keeps in no column."""
    return text.replace("\x00", "\ufffd")
