"""What a row may teach: much if it is usual, little if it is odd. A disturbance must not become usual at once."""

import numpy as np

from detectors.base import BoolArray, FloatArray, SlotArray, where_true

#: Up to so many scale units a row teaches what it says.
CLIP = 4.0
#: What lies beyond ``CLIP`` lies beyond this also where it is computed in another way and rounded differently.
NEAR_CLIP = 0.99 * CLIP


def taught(off: FloatArray, scale: FloatArray, forced: BoolArray | None) -> FloatArray:
    """The part of ``off`` (distance from the mean) that is learnt.

    Beyond ``CLIP`` scale units it falls again, to one unit at ``CLIP`` squared: a held shift neither drags the mean
    with it nor widens the spread until nothing looks odd. ``forced`` rows belong to what has lasted so long that it
    is the new normal: there it stays at ``CLIP`` units, and the memory follows fast. ``off`` itself where all is usual.

    >>> [float(x) for x in taught(np.array([-3.0, 4.0, 8.0, 100.0]), np.ones(4), None)]
    [-3.0, 4.0, 2.0, 1.0]
    """
    far = where_true(np.abs(off) > CLIP * scale)
    if not len(far):
        return off
    guarded = off.copy()
    guarded[far] = _little(off, scale, forced, far)
    return guarded


def odd_rows(
    off: FloatArray, scale: FloatArray, forced: BoolArray | None, among: SlotArray
) -> tuple[SlotArray, FloatArray]:
    """Where, among a few positions that hold all of them, a row teaches less than ``off``, and what it teaches."""
    far = among[np.abs(off[among]) > CLIP * scale[among]]
    return far, _little(off, scale, forced, far)


def _little(off: FloatArray, scale: FloatArray, forced: BoolArray | None, far: SlotArray) -> FloatArray:
    distance, unit = off[far], scale[far]
    most = np.maximum(unit, (CLIP * CLIP) * unit * unit / np.abs(distance))
    if forced is not None:
        most = np.where(forced[far], CLIP * unit, most)
    little: FloatArray = np.copysign(most, distance)
    return little
