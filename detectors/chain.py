"""The row detectors together: all score before any learns, and a row that one cannot bear is set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.base import BoolArray, Detector, Rows, Scores, State
from detectors.pack_tables import PackTables
from detectors.registry import ROW_DETECTORS


@dataclass(frozen=True, slots=True)
class Poison:
    """A row that made a detector raise: its position among the rows, whose fault and what was said."""

    position: int
    detector: str
    error: str


class Chain:
    """The row detectors of one pack, with their memory for all slots."""

    def __init__(self, tables: PackTables, detectors: Mapping[str, Detector] | None = None) -> None:
        self.detectors: dict[str, Detector] = dict(detectors) if detectors is not None else _built(tables)
        self.state: dict[str, State] = {name: each.state(0) for name, each in self.detectors.items()}
        self.room = 0

    def rebuilt(self, tables: PackTables) -> None:
        """The tables have new lines or another edition: new detectors, the same memory where its shape fits."""
        self.detectors = _built(tables)
        for name, detector in self.detectors.items():
            fresh = detector.state(self.room)
            kept = self.state.get(name, {})
            self.state[name] = {
                key: kept[key] if key in kept and kept[key].shape == value.shape else value
                for key, value in fresh.items()
            }

    def grow(self, room: int) -> None:
        """Memory for ``room`` slots."""
        if room <= self.room:
            return
        for name, detector in self.detectors.items():
            more = detector.state(room - self.room)
            self.state[name] = {
                key: np.concatenate([value, more[key]], axis=-1) for key, value in self.state[name].items()
            }
        self.room = room

    def score(self, rows: Rows) -> tuple[dict[str, Scores], Rows, list[Poison], BoolArray | None]:
        """Scores by detector of the rows that all of them bear; the others as poison.

        The last value tells which of the given rows were kept, ``None`` for all.
        """
        found: dict[str, Scores] = {}
        for name, detector in self.detectors.items():
            try:
                found[name] = detector.update(rows, self.state[name])
            except Exception:  # noqa: BLE001  # the edge of a detector: counted as dead letters, row by row
                return self._without_poison(rows)
        return found, rows, [], None

    def _without_poison(self, rows: Rows) -> tuple[dict[str, Scores], Rows, list[Poison], BoolArray | None]:
        poison = []
        for name, detector in self.detectors.items():
            poison += self._search(name, detector, rows, np.arange(len(rows.x)))
        kept = np.ones(len(rows.x), np.bool_)
        kept[[each.position for each in poison]] = False
        rest = rows.part(np.flatnonzero(kept))
        found = {name: detector.update(rest, self.state[name]) for name, detector in self.detectors.items()}
        return found, rest, poison, kept

    def _search(self, name: str, detector: Detector, rows: Rows, among: Any) -> list[Poison]:
        """The rows that make a detector raise, by halving."""
        try:
            detector.update(rows.part(among), self.state[name])
        except Exception as error:  # noqa: BLE001  # see ``score``
            if len(among) == 1:
                return [Poison(int(among[0]), name, f"{type(error).__name__}: {error}")]
            half = len(among) // 2
            return self._search(name, detector, rows, among[:half]) + self._search(name, detector, rows, among[half:])
        return []

    def commit(self, scores: Mapping[str, Scores]) -> None:
        """Let every detector learn what it has scored."""
        for name, each in scores.items():
            self.detectors[name].commit(each, self.state[name])

    def exported(self, slots: Any) -> dict[str, dict[str, Any]]:
        """The memory of these slots."""
        return {name: {key: value[..., slots] for key, value in state.items()} for name, state in self.state.items()}

    def load(self, slots: Any, exported: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over memory; what another edition had in another shape is left fresh."""
        for name, state in self.state.items():
            for key, value in state.items():
                kept = exported.get(name, {}).get(key)
                if kept is not None and kept.shape[:-1] == value.shape[:-1]:
                    value[..., slots] = kept


def _built(tables: PackTables) -> dict[str, Detector]:
    settings = tables.domain.detectors
    return {name: factory(settings.get(name, {}), tables) for name, factory in ROW_DETECTORS.items()}


def names(chain: Chain) -> Sequence[str]:
    """The row detectors in their order."""
    return tuple(chain.detectors)
