"""An alarm as it is kept: its life (lifecycle.py) and what is said about it, to and from a row of the store."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.lifecycle import Alarm
from topics.finding import Finding, Text

_OPEN = msgspec.json.Decoder(dict[str, str])


class AlarmRow(msgspec.Struct, frozen=True):
    """One row of the table ``alarm``. ``rank`` is that of the current severity; ``stored`` is the wall time
    of the insert; ``follows`` the closed alarm of the same key before this one.
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


def new_alarm(finding: Finding, follows: str | None, stored_ms: int) -> AlarmRow:
    """A blank alarm for this finding; its id depends on the finding alone, so a rebuilt store gives the same ids."""
    digest = hashlib.blake2b(f"{finding.alarm_key}\n{finding.id}".encode(), digest_size=10).hexdigest()
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
    return {
        "id": alarm.id,
        "key": alarm.key,
        "domain": alarm.domain,
        "site": alarm.site,
        "quantity": alarm.quantity,
        "family": alarm.family,
        "state": life.state,
        "severity": life.severity,
        "rank": alarm.rank,
        "latched_severity": life.latched,
        "covered_severity": life.covered,
        "opened": life.opened,
        "updated": life.updated,
        "returned": life.returned,
        "closed": life.closed,
        "text_zh": alarm.text.zh,
        "text_en": alarm.text.en,
        "value": alarm.value,
        "unit": alarm.unit,
        "expected": alarm.expected,
        "acknowledged_by": life.acknowledged_by,
        "acknowledged_at": life.acknowledged_at,
        "note": life.note,
        "follows": alarm.follows,
        "revision": life.revision,
        "open_findings": msgspec.json.encode(life.findings, order="sorted").decode(),
        "stored": alarm.stored,
    }


def to_changes(alarm: AlarmRow) -> dict[str, Any]:
    """The row but for its id: an id that is written, even the same, has the database look for all that refers to it."""
    row = to_row(alarm)
    return row | {"which": row.pop("id")}


def from_row(row: Mapping[str, Any]) -> AlarmRow:
    """The alarm of a row of the table ``alarm``."""
    life = Alarm(
        state=row["state"],
        opened=row["opened"],
        updated=row["updated"],
        returned=row["returned"],
        closed=row["closed"],
        severity=row["severity"],
        latched=row["latched_severity"],
        covered=row["covered_severity"],
        findings=_OPEN.decode(row["open_findings"]),
        acknowledged_by=row["acknowledged_by"],
        acknowledged_at=row["acknowledged_at"],
        note=row["note"],
        revision=row["revision"],
    )
    plain = ("id", "key", "domain", "site", "quantity", "family", "rank", "value", "unit", "expected", "follows")
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
