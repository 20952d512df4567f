"""What a search proposes, as a piece of a pack (TOML) that a person reads and puts in place. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from streams.tuning.knobs import Values, with_values
from topics.domain import Domain


def fragment(domain: Domain, values: Values, notes: Sequence[str]) -> str:
    """The tables that change, whole, with ``notes`` as comments above; only the notes where nothing changes."""
    lines = [f"# {note}".rstrip() for note in notes]
    changed = with_values(domain, values)
    for name, settings in changed.detectors.items():
        if settings != domain.detectors[name]:
            lines += ["", f"[detectors.{name}]", *(f"{key} = {_toml(each)}" for key, each in settings.items())]
    for name, quantity in changed.quantities.items():
        if quantity.limits != domain.quantities[name].limits:
            lines += ["", f"# in place of the limits of [quantities.{name}]", f"[quantities.{name}]", "limits = ["]
            for limit in quantity.limits:
                facts = msgspec.structs.asdict(limit)
                shown = ", ".join(f"{key} = {_toml(each)}" for key, each in facts.items() if each not in (None, ""))
                lines.append(f"  {{ {shown} }},")
            lines.append("]")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()  # a JSON string is a TOML string
    return repr(value)
