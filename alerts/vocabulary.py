"""The words of the interface in both languages: states, actions, verdicts, reasons and rules; what each state takes."""

from typing import Any

from alerts.lifecycle import ALLOWED, Alarm, phase_of
from alerts.lifecycle.actions import name_of
from alerts.lifecycle.words import ACTION_TITLES, NOTE_TITLES, PHASE_TITLES, RULE_TITLES
from alerts.verdicts import REASONS
from topics.finding import Text

#: What a person can ask for, by the name in the path of the interface, and the action it makes in the log.
DESK_ACTIONS: dict[str, str] = {
    "acknowledge": "acknowledged",
    "confirm": "confirmed",
    "reset": "reset",
    "shelve": "shelved",
    "unshelve": "unshelved",
    "suppress": "suppressed",
    "out-of-service": "out-of-service",
    "return-to-service": "returned-to-service",
    "escalate": "escalated",
    "hand-over": "handed-over",
    "comment": "commented",
    "verdict": "judged",
    "close": "closed",
}

#: Why an alarm is shelved, suppressed or taken out of service.
SHELVING_REASONS: dict[str, Text] = {
    "nuisance": Text("频繁误扰", "nuisance: it comes and goes"),
    "known": Text("已知并在处理", "known and being worked on"),
    "instrument-fault": Text("仪表故障", "instrument fault"),
    "maintenance": Text("检修", "maintenance"),
    "start-up": Text("开停车", "start-up or shut-down"),
    "drill": Text("演练", "drill"),
    "other": Text("其他（须说明）", "other (say what)"),
}


def require_shelving_reason(code: str, note: str) -> None:
    """Raises ``ValueError`` for a reason that is none, and for ``other`` without a note."""
    if code not in SHELVING_REASONS:
        raise ValueError(f"reason: expected one of {', '.join(SHELVING_REASONS)}, got {code!r}")
    if code == "other" and not note.strip():
        raise ValueError("note: expected why where the reason is 'other', got nothing")


def taken_by(phase: str) -> list[str]:
    """The desk's actions that a state takes."""
    taken = {name_of(action) for action in ALLOWED[phase]}
    return [path for path, name in DESK_ACTIONS.items() if name in taken]


def allowed_actions(life: Alarm) -> list[str]:
    """The desk's actions that this alarm takes as it stands."""
    taken = taken_by(phase_of(life))
    if life.next_step is None:
        taken = [name for name in taken if name != "escalate"]
    return taken


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def vocabulary() -> dict[str, Any]:
    """The object of ``GET /api/vocabulary``."""
    return {
        "states": [
            {"code": phase, "title": _both(title), "actions": taken_by(phase)}
            for phase, title in PHASE_TITLES.items()
            if phase != "blank"
        ],
        "actions": [
            {"code": path, "log": name, "title": _both(ACTION_TITLES[name])} for path, name in DESK_ACTIONS.items()
        ],
        "log": [{"code": name, "title": _both(title)} for name, title in (ACTION_TITLES | NOTE_TITLES).items()],
        "verdicts": [
            {
                "code": code,
                "title": _both(reason.title),
                "counts_as": reason.counts_as,
                "needs_note": reason.needs_note,
            }
            for code, reason in REASONS.items()
        ],
        "reasons": [
            {"code": code, "title": _both(title), "needs_note": code == "other"}
            for code, title in SHELVING_REASONS.items()
        ],
        "rules": [{"code": name, "title": _both(title)} for name, title in RULE_TITLES.items()],
    }
