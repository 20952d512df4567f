"""Where the boxes of one yard stand: a grid over the ground, asked for the boxes near one place."""

from collections.abc import Mapping

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

    def put(self, box: Box) -> Standing | None:
        """The box stands where it says; one that is not stacked yet stands nowhere."""
        self.take(box.container)
        if box.place is None or not box.goods:
            return None
        standing = self._stand(box, box.place)
        self._standing[box.container] = standing
        self._cells.setdefault(_cell(standing), {})[box.container] = standing
        for hazard in standing.hazards:
            self._kinds[hazard] = self._kinds.get(hazard, 0) + 1
        return standing

    def take(self, container: str) -> None:
        """The box stands here no longer."""
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

    def _stand(self, box: Box, place: Place) -> Standing:
        corner = self.blocks.get(place.block)
        x, y = corner or (0.0, 0.0)
        hazards = dict.fromkeys(self._hazard(un, kind, sub) for un, kind, sub in _lines(box))
        return Standing(
            box.container,
            "" if corner else f"block {place.block}",
            x + place.bay * self.bay_m,
            y + place.row * self.row_m,
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
