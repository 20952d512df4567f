"""A free slot for a box: the nearest one of the yard where nothing it must be kept from stands too close. Pure.

A slot is free if its stack is not full and what is to stand there would stand on the ground or on a box. A slot
satisfies all when no box left where it is stands nearer than configuration asks for any pair of hazards.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from detectors.rules.segregation import Standing
from records.stays import Box, Place
from streams.judges.ground import Ground

#: How far (m) a slot of another ground counts to be: those of the same ground come first.
ELSEWHERE_M = 1e9

#: Stacks that are looked at, the nearest first: an answer must come while the crane waits.
MOST_STACKS = 500


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one block: bays and rows by their first and last numbers, tiers counted from 1."""

    bays: tuple[int, int]
    rows: tuple[int, int]
    tiers: int

    def __post_init__(self) -> None:
        if self.bays[0] > self.bays[1] or self.rows[0] > self.rows[1] or self.tiers < 1:
            raise ValueError(f"slots: expected bays and rows from first to last and a tier at least, got {self}")


def free_slot(ground: Ground, box: Box, slots: Mapping[str, Slots]) -> Place | None:
    """The nearest free slot that satisfies all for a box; ``None`` where none of the nearest ``MOST_STACKS`` does,
    or none is known.

    Its own present slot is no answer. Goods that may not stand in one box are helped by no slot.
    """
    if not box.goods or not slots:
        return None
    here = ground.standing(box.container)
    probe = here or ground.stand(box, Place("", 0, 0, 1))
    if ground.rule.conflict(probe, probe) is not None:
        return None
    least = ground.least_by_load(probe)
    for place in islice(_open(ground, box, here, slots), MOST_STACKS):
        if ground.fits(ground.stand(box, place), least):
            return place
    return None


def _open(ground: Ground, box: Box, here: Standing | None, slots: Mapping[str, Slots]) -> Iterator[Place]:
    """The free place on each stack with room, the nearest to where the box stands first."""
    rows = [
        _row(ground, here, block, each, row)
        for block, each in slots.items()
        for row in range(each.rows[0], each.rows[1] + 1)
    ]
    for _, block, bay, row in merge(*rows):
        own = box.place is not None and (block, bay, row) == (box.place.block, box.place.bay, box.place.row)
        height = ground.height(block, bay, row, without=box.container)
        if not own and height < slots[block].tiers:
            yield Place(block, bay, row, height + 1)


def _row(
    ground: Ground, here: Standing | None, block: str, slots: Slots, row: int
) -> Iterator[tuple[float, str, int, int]]:
    """The stacks of one row with how far each is (m), the nearest first: nobody need sort all for the first few."""
    first, last = slots.bays
    space, x, y = ground.where(block, first, row)
    if here is None or here.space != space:
        for bay in range(first, last + 1):
            yield ELSEWHERE_M, block, bay, row
        return
    over = abs(y - here.y_m)
    right = min(max(first + math.ceil((here.x_m - x) / ground.bay_m), first), last + 1)
    left = right - 1
    while left >= first or right <= last:
        to_left = abs(x + (left - first) * ground.bay_m - here.x_m) if left >= first else math.inf
        to_right = abs(x + (right - first) * ground.bay_m - here.x_m) if right <= last else math.inf
        if to_left <= to_right:
            yield over + to_left, block, left, row
            left -= 1
        else:
            yield over + to_right, block, right, row
            right += 1
