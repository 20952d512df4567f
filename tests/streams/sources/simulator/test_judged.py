"""The day before the real kernel: limits and quality say what the script means, and nothing else.

The kernel starts unprimed here, so its learning detectors are still warming up and are left out.
"""

from functools import cache

import numpy as np
import pytest

from detectors.base import Columns, Outcome
from detectors.kernel import Kernel
from records.registry import registry_of
from streams.sources.simulator.day import Message
from streams.specs import SpecBook
from tests.streams.sources.simulator.limits import PACKS
from tests.streams.sources.simulator.plays import END, MIDNIGHT, SCRIPT, whole_day
from topics.finding import Finding
from topics.reading import Control
from topics.scheme import load_scheme

STEP_MS = 150_000


def columns(messages: list[Message], slots: dict[int, int], offset: int) -> Columns:
    rows = [
        (slots[series.index], message.time, value, message.backfill)
        for message in messages
        for series, value in zip(message.series, message.values, strict=True)
    ]
    slot, time, value, backfill = zip(*rows, strict=True)
    count = len(rows)
    return Columns(
        np.array(slot, np.intp),
        np.array(time, np.int64),
        np.array(value, np.float64),
        np.ones(count, np.bool_),
        np.array(backfill, np.bool_),
        np.arange(offset, offset + count, dtype=np.int64),
        np.zeros(count, np.int64),
    )


@cache
def slices() -> dict[str, list[tuple[int, list[Message]]]]:
    """The day's messages by domain, each with the end of its slice, made once for all domains."""
    found: dict[str, list[tuple[int, list[Message]]]] = {name: [] for name in PACKS}
    for start in range(MIDNIGHT, END, STEP_MS):
        messages = whole_day().span(start, start + STEP_MS).messages
        for name, mine in found.items():
            mine.append((start + STEP_MS, [each for each in messages if each.series[0].domain == name]))
    return found


def judged(name: str) -> list[Finding]:
    """What the kernel says to one domain's day, with a tick after each slice as the player gives them."""
    domain, day = PACKS[name], whole_day()
    kernel = Kernel(domain, domain.topic, 0)
    book = SpecBook(registry_of(day.city.registry_records()), domain)
    slots: dict[int, int] = {}
    for series in day.series:
        if series.domain == name:
            spec, rest = book.look_up(series.id, MIDNIGHT)
            assert not isinstance(spec, str), rest
            slots[series.index] = kernel.bind(spec)
    said: list[Finding] = []
    offset = 0

    def hear(outcome: Outcome) -> None:
        assert outcome.rejects == []
        said.extend(outcome.findings)

    for end, mine in slices()[name]:
        if mine:
            batch = columns(mine, slots, offset)
            offset += len(batch.slot)
            hear(kernel.apply(batch))
        hear(kernel.control(Control("~tick", end), offset, 0, None))
        offset += 1
    return said


@pytest.mark.parametrize("name", sorted(PACKS))
def test_limits_and_quality_are_those_the_script_means(name: str) -> None:
    scheme, worst = load_scheme(), dict[tuple[str, str, str], str]()
    for each in judged(name):
        if each.family in ("limit", "quality") and not each.late:
            key = (each.site, each.quantity, each.family)
            worst[key] = max(worst.get(key, "blue"), each.severity, key=scheme.rank)
        if each.detector == "mass_loss" and each.phase == "open":
            assert (each.severity == "red") == (each.facts["devices"] != 1), each.text.en
    sites = {site.id for site in whole_day().city.sites if site.domain == name}
    meant = {
        (each.site, each.quantity, each.family): each.severity
        for line in SCRIPT.lines
        for each in line.expect
        if each.site in sites and each.family in ("limit", "quality")
    }
    assert worst == meant
