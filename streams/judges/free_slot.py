"""A free slot for a box: the nearest one of the yard where nothing it must be kept from stands too close. Pure.

A slot is free if its stack is not full and what is to stand there would stand on the ground or on a box. A slot
satisfies all when no box left where it is stands nearer than configuration asks for any pair of hazards.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    for _, block, bay, row in sorted(_open(ground, box, here, slots))[:MOST_STACKS]:
        place = Place(block, bay, row, ground.height(block, bay, row, without=box.container) + 1)
        if ground.fits(ground.stand(box, place), least):
            return place
    return None


def _open(
    ground: Ground, box: Box, here: Standing | None, slots: Mapping[str, Slots]
) -> list[tuple[float, str, int, int]]:
    """Stacks with room, each with how far it is from where the box stands (m)."""
    found = []
    for block, each in slots.items():
        for bay in range(each.bays[0], each.bays[1] + 1):
            for row in range(each.rows[0], each.rows[1] + 1):
                own = box.place is not None and (block, bay, row) == (box.place.block, box.place.bay, box.place.row)
                if own or ground.height(block, bay, row, without=box.container) >= each.tiers:
                    continue
                space, x, y = ground.where(block, bay, row)
                same = here is not None and here.space == space
                away = abs(x - here.x_m) + abs(y - here.y_m) if here is not None and same else ELSEWHERE_M
                found.append((away, block, bay, row))
    return found
