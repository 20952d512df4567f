"""What a detector says its memory becomes where some rows teach nothing: there it stays as it was."""

import numpy as np

from detectors.base import FloatArray, Rows, SlotArray, Write


def mended(new: FloatArray, at: SlotArray, old: FloatArray) -> FloatArray:
    """``new`` itself, with ``old`` put back at the few positions ``at`` that teach nothing.

    >>> mended(np.array([1.0, 2.0, 3.0]), np.array([1]), np.zeros(3)).tolist()
    [1.0, 0.0, 3.0]
    """
    if len(at):
        new[at] = old[at]
    return new


def kept(name: str, rows: Rows, new: FloatArray, old: FloatArray) -> list[Write]:
    """The writes of ``new`` (shape (m,), one value a row), where nothing usable came of ``old``: for an array that must
    stay as it is. ``mended`` is cheaper where it may be written to.
    """
    bad = rows.unusable
    whole: list[Write] = [(name, rows.slots, new)]
    return [*whole, (name, rows.at(bad), old[bad])] if len(bad) else whole


def either(one: SlotArray, other: SlotArray) -> SlotArray:
    """Positions that are in one of both; some may come twice.

    >>> either(np.array([0, 2]), np.array([2, 5])).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate((one, other)) if len(one) and len(other) else one if len(one) else other
