"""Dwell time: how long dangerous goods of a class may stand on the quay, with the time that customs held them. Pure."""

from collections.abc import Mapping, Sequence


def due_ms(
    since_ms: int, classes: Sequence[str], limits_ms: Mapping[str, int], holds: Sequence[tuple[int, int | None]] = ()
) -> int | None:
    """When a box that came at ``since_ms`` has stood too long (ms UTC); ``None`` = no limit, or held with no end yet.

    The shortest limit of its classes counts; a limit for ``5`` stands for its divisions unless ``5.1`` has its own.
    ``holds`` are spans [start, end) that do not count (end ``None`` = still held); they may overlap, and one that
    begins when the time has run out changes nothing.
    """
    found = [_limit_ms(each, limits_ms) for each in classes]
    limits = [limit for limit in found if limit is not None]
    if not limits:
        return None
    due = since_ms + min(limits)
    counted = since_ms
    for start, end in sorted(holds, key=lambda hold: hold[0]):
        start = max(start, counted)
        if start >= due:
            break
        if end is None:
            return None
        if end > start:
            due += end - start
            counted = end
    return due


def _limit_ms(of_class: str, limits_ms: Mapping[str, int]) -> int | None:
    """The class's own limit, else that of the class it is a division of."""
    own = limits_ms.get(of_class)
    return limits_ms.get(of_class[:1]) if own is None else own
