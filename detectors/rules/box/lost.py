"""Sensors of one area that fell silent together: graver than each alone, it may be an accident. Pure."""

import math
from collections.abc import Mapping


def lost_together(silent: Mapping[str, int], watched: int, within_ms: int, least: int, share: float) -> tuple[str, ...]:
    """The devices lost within ``within_ms`` of the newest loss, the first lost first; nothing where they are fewer than
    ``least`` or than ``share`` of the ``watched``. ``silent``: device → when it was last heard (ms UTC).

    >>> lost_together({"a": 10, "b": 20, "c": 90, "d": 5000}, 4, 100, 3, 0.5)
    ()
    >>> lost_together({"a": 10, "b": 20, "c": 90}, 4, 100, 3, 0.5)
    ('a', 'b', 'c')
    """
    if not silent:
        return ()
    newest = max(silent.values())
    gone = sorted((time, name) for name, time in silent.items() if newest - time <= within_ms)
    return tuple(name for _, name in gone) if len(gone) >= max(least, math.ceil(share * watched)) else ()
