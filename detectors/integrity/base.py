"""The seam of the integrity rules: an outlet's days in, measures out. Pure: no clock, no file, no memory.

A rule *measures*: it gives each suspicious stretch a score in a unit of its own, and scores of healthy outlets too, so
that thresholds can be chosen and rarity be told from them. Only what reaches the threshold becomes evidence.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from detectors.integrity.outlet import Known, Outlet
from detectors.wording import clock
from topics.finding import Text


@dataclass(frozen=True, slots=True)
class Measure:
    """How strongly one stretch of time speaks for one kind of manipulation; higher is worse.

    ``series`` are those it is about, the first one foremost; ``statistics`` what the score was computed from;
    ``value`` and ``expected`` what came and what an honest outlet would have shown, where that can be said.
    """

    quantity: str
    score: float
    series: tuple[str, ...]
    start_ms: int
    end_ms: int
    statistics: dict[str, float]
    value: float | None = None
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A measure that reached its rule's threshold. ``rarity``: the chance of such a score on a healthy outlet-day."""

    rule: str
    version: int
    severity: str
    measure: Measure
    threshold: float
    rarity: float
    text: Text
    site: str
    device: str


@dataclass(frozen=True)
class Rule(ABC):
    """One kind of manipulation. ``threshold`` is the score from which it is told; a ``prompt`` one needs no whole day
    and speaks at the end of each hour of the day as it is so far."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[Text]
    severity: ClassVar[str] = "orange"
    prompt: ClassVar[bool] = False
    threshold: float = field(default=0.0)

    @abstractmethod
    def measure(self, outlet: Outlet) -> Iterator[Measure]:
        """The worst stretch of the judged time for each quantity; nothing where the rule cannot speak of it."""

    @abstractmethod
    def say(self, measure: Measure, known: Known) -> Text:
        """What was seen, in both languages, without place and time."""

    def tell(self, measure: Measure, known: Known) -> Text:
        """The whole sentence."""
        said = self.say(measure, known)
        span = f"{clock(measure.start_ms)} – {clock(measure.end_ms)}"
        return Text(
            zh=f"{known.title.zh}疑似{self.title.zh}：{said.zh}（{span}）",
            en=f"{known.title.en}, suspected {self.title.en}: {said.en} ({span})",
        )
