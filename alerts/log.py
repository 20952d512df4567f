"""The alarm's log: what happened, when (city time and wall time), who, and from which state to which.

The life cycle's own actions are kept whole, so that an alarm can be made again from its log; between
them stand notes (a warning was released, signed for, or given up) that change no state.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from alerts.lifecycle import Action, Alarm, name_of, rule_of

_ACTION = msgspec.json.Decoder(Action)


def log_action(alarm_id: str, before: Alarm, after: Alarm, action: Action, wall_ms: int) -> dict[str, Any]:
    """A row of ``alarm_log`` for a step of the life cycle."""
    return {
        "alarm_id": alarm_id,
        "time": action.time,
        "wall": wall_ms,
        "action": name_of(action),
        "who": getattr(action, "who", None),
        "note": _note(action),
        "rule": rule_of(before, action, after),
        "from_state": before.state,
        "to_state": after.state,
        "severity": after.severity,
        "body": msgspec.json.encode(action).decode(),
    }


def _note(action: Action) -> str:
    """What was said, with what the action itself names: to whom, why, what it was."""
    named = [getattr(action, name, "") for name in ("to", "by", "unit", "state", "reason", "verdict")]
    return ": ".join(each for each in (*named, getattr(action, "note", "")) if each)


def log_note(
    alarm_id: str, life: Alarm, name: str, *, time_ms: int, wall_ms: int, who: str | None, note: str
) -> dict[str, Any]:
    """A row of ``alarm_log`` for something that changed no state; its ``body`` is empty."""
    return {
        "alarm_id": alarm_id,
        "time": time_ms,
        "wall": wall_ms,
        "action": name,
        "who": who,
        "note": note,
        "rule": "",
        "from_state": life.state,
        "to_state": life.state,
        "severity": life.severity,
        "body": "",
    }


def actions_of(bodies: Iterable[str]) -> list[Action]:
    """The life cycle's actions among the ``body`` columns of a log, in its order."""
    return [_ACTION.decode(body) for body in bodies if body]
