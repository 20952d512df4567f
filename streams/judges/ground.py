"""Where the boxes of one yard stand: a grid over the ground, asked for the boxes near one place."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from detectors.rules.segregation import Hazard, Segregation, Standing
from records.stays import Box, Place
from topics.goods import GoodsEntry

#: Side of a grid cell in metres: about the reach of "separated from", the usual code.
CELL_M = 12.5


class Ground:
    """The stacked boxes of one site. ``blocks`` gives the corner of each block (m); a block without one is
    a space of its own, far from all others.
    """

    def __init__(
        self,
        rule: Segregation,
        goods: Mapping[str, GoodsEntry],
        blocks: Mapping[str, tuple[float, float]],
        bay_m: float,
        row_m: float,
    ) -> None:
        self.rule = rule
        self.goods = goods
        self.blocks = blocks
        self.bay_m = bay_m
        self.row_m = row_m
        self._standing: dict[str, Standing] = {}
        self._cells: dict[tuple[str, int, int], dict[str, Standing]] = {}
        self._kinds: dict[Hazard, int] = {}
        self._load_of: dict[tuple[Hazard, ...], tuple[Hazard, ...]] = {}
        self._loads: dict[tuple[Hazard, ...], int] = {}
        self._places: dict[str, Place] = {}
        self._stacks: dict[tuple[str, int, int], dict[str, int]] = {}

    def put(self, box: Box) -> Standing | None:
        """The box stands where it says; one that is not stacked yet stands nowhere."""
        self.take(box.container)
        if box.place is None:
            return None
        place = self._places[box.container] = box.place
        self._stacks.setdefault((place.block, place.bay, place.row), {})[box.container] = place.tier
        if not box.goods:
            return None
        standing = self.stand(box, place)
        standing = replace(standing, hazards=self._load_of.setdefault(standing.hazards, standing.hazards))
        self._standing[box.container] = standing
        self._cells.setdefault(_cell(standing), {})[box.container] = standing
        for hazard in standing.hazards:
            self._kinds[hazard] = self._kinds.get(hazard, 0) + 1
        self._loads[standing.hazards] = self._loads.get(standing.hazards, 0) + 1
        return standing

    def take(self, container: str) -> None:
        """The box stands here no longer."""
        place = self._places.pop(container, None)
        if place is not None:
            stack = self._stacks[place.block, place.bay, place.row]
            del stack[container]
            if not stack:
                del self._stacks[place.block, place.bay, place.row]
        standing = self._standing.pop(container, None)
        if standing is None:
            return
        cell = self._cells[_cell(standing)]
        del cell[container]
        if not cell:
            del self._cells[_cell(standing)]
        for hazard in standing.hazards:
            self._kinds[hazard] -= 1
            if not self._kinds[hazard]:
                del self._kinds[hazard]
        self._loads[standing.hazards] -= 1
        if not self._loads[standing.hazards]:
            del self._loads[standing.hazards], self._load_of[standing.hazards]

    def standing(self, container: str) -> Standing | None:
        """Where a box with known goods stands."""
        return self._standing.get(container)

    def height(self, block: str, bay: int, row: int, *, without: str = "") -> int:
        """The highest tier taken in a stack (0 = none), one box left out."""
        stack = self._stacks.get((block, bay, row), {})
        return max((tier for container, tier in stack.items() if container != without), default=0)

    def least_by_load(self, standing: Standing) -> dict[int, float]:
        """What a box must keep (m between walls) from each load of the yard that asks for anything, by the load's
        identity: loads are kept once each, and to hash one for every box looked at would cost more than all the rest.
        """
        found = {}
        for load in self._loads:
            codes = (self.rule.require(mine, theirs).code for mine in standing.hazards for theirs in load)
            least = max(self.rule.distances_m.get(code, 0.0) for code in codes)
            if least > 0:
                found[id(load)] = least
        return found

    def fits(self, standing: Standing, least: Mapping[int, float]) -> bool:
        """Whether a box could stand there: no other box with one of these loads is nearer than it asks."""
        if not least:
            return True
        side = max(self.rule.box_length_m, self.rule.box_width_m)
        space, x, y = _cell(standing)
        cells = int((max(least.values()) + side) // CELL_M) + 1
        for i, j in _outward(cells):
            for other in self._cells.get((space, x + i, y + j), {}).values():
                asked = least.get(id(other.hazards))
                if asked is None or other.container == standing.container:
                    continue
                if self.rule.gap_m(standing, other) < asked:
                    return False
        return True

    def near(self, standing: Standing) -> list[Standing]:
        """Every box that can conflict with this one, itself left out, in the order of their numbers.

        How far to look follows from the goods that are in the yard at all.
        """
        reach = self._reach(standing)
        if reach <= 0:
            return []
        space, x, y = _cell(standing)
        cells = int(reach // CELL_M) + 1
        found = [
            other
            for i in range(x - cells, x + cells + 1)
            for j in range(y - cells, y + cells + 1)
            for other in self._cells.get((space, i, j), {}).values()
            if abs(other.x_m - standing.x_m) < reach and abs(other.y_m - standing.y_m) < reach
        ]
        found.sort(key=lambda other: other.container)
        return [other for other in found if other.container != standing.container]

    def _reach(self, standing: Standing) -> float:
        least = max(
            (
                self.rule.distances_m.get(self.rule.require(mine, theirs).code, 0.0)
                for mine in standing.hazards
                for theirs in self._kinds
            ),
            default=0.0,
        )
        return least + max(self.rule.box_length_m, self.rule.box_width_m) if least else 0.0

    def where(self, block: str, bay: int, row: int) -> tuple[str, float, float]:
        """The space and the middle (m) of a stack."""
        corner = self.blocks.get(block)
        x, y = corner or (0.0, 0.0)
        return "" if corner else f"block {block}", x + bay * self.bay_m, y + row * self.row_m

    def stand(self, box: Box, place: Place) -> Standing:
        """The box as it would stand at a place; the ground is not changed."""
        space, x, y = self.where(place.block, place.bay, place.row)
        hazards = dict.fromkeys(self._hazard(un, kind, sub) for un, kind, sub in _lines(box))
        return Standing(
            box.container,
            space,
            x,
            y,
            tuple(hazards),
        )

    def _hazard(self, un: str, hazard_class: str, subsidiary: tuple[str, ...]) -> Hazard:
        """What was declared, with the list's subsidiary hazards and groups: an honest mistake must not hide one."""
        entry = self.goods.get(un)
        if entry is None:
            return Hazard(un, hazard_class, subsidiary)
        every = dict.fromkeys((*subsidiary, *entry.subsidiary))
        if entry.hazard_class != hazard_class:
            every[entry.hazard_class] = None
        return Hazard(un, hazard_class, tuple(every), entry.groups)


def _lines(box: Box) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.un, each.hazard_class, each.subsidiary) for each in box.goods]


def _cell(standing: Standing) -> tuple[str, int, int]:
    return standing.space, int(standing.x_m // CELL_M), int(standing.y_m // CELL_M)


@cache
def _outward(cells: int) -> list[tuple[int, int]]:
    """The cells around one, the nearest first: what stands in the way mostly stands near."""
    steps = range(-cells, cells + 1)
    return sorted(((i, j) for i in steps for j in steps), key=lambda step: (step[0] ** 2 + step[1] ** 2, step))
