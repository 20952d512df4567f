"""The alarm's log: what happened, when (city time and wall time), who, and from which state to which.

The life cycle's own actions are kept whole, so that an alarm can be made again from its log; between
them stand notes (a warning was released, signed for, or given up) that change no state.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from alerts.lifecycle import Acknowledged, Action, Alarm

_ACTION = msgspec.json.Decoder(Action)


def log_action(alarm_id: str, before: Alarm, after: Alarm, action: Action, wall_ms: int) -> dict[str, Any]:
    """A row of ``alarm_log`` for a step of the life cycle."""
    who, note = (action.who, action.note) if isinstance(action, Acknowledged) else (None, "")
    return {
        "alarm_id": alarm_id,
        "time": action.time,
        "wall": wall_ms,
        "action": action.__struct_config__.tag,
        "who": who,
        "note": note,
        "from_state": before.state,
        "to_state": after.state,
        "severity": after.severity,
        "body": msgspec.json.encode(action).decode(),
    }


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
        "from_state": life.state,
        "to_state": life.state,
        "severity": life.severity,
        "body": "",
    }


def actions_of(bodies: Iterable[str]) -> list[Action]:
    """The life cycle's actions among the ``body`` columns of a log, in its order."""
    return [_ACTION.decode(body) for body in bodies if body]
