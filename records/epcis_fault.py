"""One fault of an EPCIS document: where it is, what was required, what came. Pure."""

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """``where`` is a JSON path, ``required`` what had to be there, ``got`` what was."""

    where: str
    required: str
    got: str


def shown(value: object) -> str:
    """A value as a fault quotes it: on one line, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
