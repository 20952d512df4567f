"""A search over a real past: the packs it tries are packs, what it proposes can be put in place, time bounds it."""

import tomllib
from collections.abc import Iterator

import pytest

from detectors.registry import settings_problems
from streams.backtesting.labels import Labels
from streams.backtesting.open_book import OpenBook
from streams.backtesting.past import Past, Place, batch_of, tick_of
from streams.backtesting.rerun import Plan
from streams.batch import Batch
from streams.tuning.fragment import fragment
from streams.tuning.knobs import DETECTOR_KNOBS, Knob, knobs_of, with_values
from streams.tuning.search import Task, search
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity
from tests.streams.backtesting.parts import label
from topics.errors import ConfigurationError
from topics.reading import Reading

PACK = domain(
    {"temp": quantity(limits=(limit("H", 60.0, "yellow", deadband=2.0),))},
    {name: {} for name in ("limit", "stuck", "missing", "rate_of_change", "ewma_level", "hour_of_day")},
)


class Peaks(Past):
    """Four sites; each has a breach of two minutes that means nothing and one of twenty that does."""

    topic = "peaks"

    @property
    def partitions(self) -> int:
        return 1

    def batches(self, partition: int) -> Iterator[Batch]:
        for minute in range(100):
            yield tick_of(START + minute * MINUTE, minute * 4)
            rows = [
                Reading(f"{s}/p1/temp/Rtd", START + minute * MINUTE, self._value(n, minute))
                for n, s in enumerate("abcd")
            ]
            yield batch_of(rows, [Place(minute * 4 + at, 0) for at in range(4)])

    @staticmethod
    def _value(site: int, minute: int) -> float:
        at = minute - site
        return 90.0 if 20 <= at < 22 or 70 <= at < 90 else 20.0 + minute % 3

    def expected(self) -> int:
        return 100 * 5

    def begins(self) -> int:
        return START


def task(only: str = "quantities.temp.limits.0.hold_s") -> Task:
    windows = tuple(label(site, 70 + n, 90 + n) for n, site in enumerate("abcd"))
    return Task(Peaks(), Plan(PACK, OpenBook), Labels(windows, True), knobs_of(PACK, ["temp"], [only]), 2, "site")


def test_a_holding_time_is_found_that_tells_of_leaks_and_not_of_peaks_also_where_it_was_not_chosen() -> None:
    found = search(task(), 3, 5.0, seed=3)
    first = sum(found.counts[0][1:], found.counts[0][0])
    assert (first.true, first.false, first.found) == (4, 4, 4)
    assert found.result.in_sample.f() == found.result.out_of_fold.f() == 1.0
    assert 120 <= found.values[found.result.best]["quantities.temp.limits.0.hold_s"] < 1_200
    text = fragment(PACK, found.values[found.result.best], ["a note"])
    proposed = tomllib.loads(text)["quantities"]["temp"]["limits"][0]
    assert proposed["hold_s"] == found.values[found.result.best]["quantities.temp.limits.0.hold_s"]
    assert proposed["value"] == 60.0 and str(proposed["valid_from"]) == "2000-01-01" and text.startswith("# a note")


def test_time_ends_a_search_and_nothing_to_search_is_said() -> None:
    done: list[int] = []
    found = search(task(), 1_000, 0.0, watcher=lambda count, best: done.append(count))
    assert len(found.values) == 1 and done == [1] and found.result.best == 0
    with pytest.raises(ConfigurationError, match="--only"):
        search(task("detectors.none.*"), 1, 1.0)


@pytest.mark.parametrize("knob", DETECTOR_KNOBS, ids=lambda knob: knob.path)
def test_every_knob_is_a_setting_that_the_detectors_know(knob: Knob) -> None:
    path = knob.path
    for value in (knob.low, knob.high):
        assert settings_problems(with_values(PACK, {path: value})) == []
    assert settings_problems(with_values(PACK, {path + "x": 1.0}))
