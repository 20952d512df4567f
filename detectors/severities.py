"""Severities by order, as a scheme has them: the kernel knows that one is worse, never what it is called."""

from topics.scheme import Scheme


class Severities:
    """A scheme's levels from the mildest to the worst."""

    def __init__(self, scheme: Scheme) -> None:
        levels = sorted(scheme.levels, key=lambda level: level.rank)
        self._levels = [(level.rank, level.code) for level in levels]

    def at(self, band: int) -> tuple[int, str]:
        """Rank and code of the band-th level, 1 the mildest; beyond the last it is the last."""
        return self._levels[min(max(band, 1), len(self._levels)) - 1]

    @property
    def lowest(self) -> tuple[int, str]:
        return self._levels[0]

    @property
    def highest(self) -> tuple[int, str]:
        return self._levels[-1]
