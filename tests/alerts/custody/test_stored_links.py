"""A trace over the store finds what living through every moment finds, however late, often and wrongly it was told."""

from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.custody import tables
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.custody import facts
from records.links import Array, Known
from records.trace import Seed, backward, forward
from tests.records.custody_stories import NAMES, Word, declared_wrong, events_of, linked, made, moment, name, word
from tests.records.test_trace import naive
from topics.events import Custody

_TABLES = (
    tables.custody_event, tables.custody_seen, tables.custody_link, tables.custody_use, tables.custody_name,
    tables.custody_lot,
)  # fmt: skip


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = Store(store_url)
    yield made
    made.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(word, max_size=12), st.sets(st.integers(0, 11), max_size=4), st.randoms(), st.integers(1, 5), name, moment,
    st.integers(1, 4),
)  # fmt: skip
def test_a_trace_is_sound_and_complete_whatever_comes_late_twice_or_is_taken_back(
    store: Store, words: list[Word], wrong: set[int], chance: object, size: int, bad: str, start: int, long: int
) -> None:
    events = events_of(words)
    kept = [facts(each) for number, each in enumerate(events) if number not in wrong]
    told = [*events, *(declared_wrong(events[number]) for number in wrong if number < len(events)), *events[::3]]
    chance.shuffle(told)  # type: ignore[attr-defined]
    _begin_anew(store)
    record = CustodyRecord(store)
    for at in range(0, len(told), size):
        record.take(told[at : at + size])
    known = Known(kept)
    with store.read() as connection:
        links = StoredLinks(connection)
        for seed in (Seed(bad), Seed(bad, (start, start + long))):
            found = forward(links, [seed])
            assert set(found.since) == naive(kept, seed)
            assert (found.since, found.carrying) == (forward(known, [seed]).since, forward(known, [seed]).carrying)
        assert set(backward(links, bad)) == {each for each in NAMES if bad in naive(kept, Seed(each))}


def test_what_was_emptied_as_a_whole_holds_nothing_any_more(store: Store) -> None:
    """A box and a van were emptied before they were used, a crate too late."""
    told = [
        linked(1, 10, "crate", ["milk"], "ADD"),
        linked(2, 10, "van", ["crate", "box"], "ADD"),
        linked(3, 10, "box", ["milk"], "ADD"),
        linked(4, 20, "box", [], "DELETE"),
        linked(5, 20, "van", [], "DELETE"),
        linked(6, 40, "crate", [], "DELETE"),
        made(7, 30, ["box"], ["soap"]),
        made(8, 30, ["crate"], ["cheese"]),
        made(9, 30, ["van"], ["ice"]),
    ]
    CustodyRecord(store).take(told)
    with store.read() as connection:
        links = StoredLinks(connection)
        assert forward(links, [Seed("milk")]).since.keys() == {"milk", "cheese"}
        assert forward(links, [Seed("van", (25, 35))]).since == {}
        assert forward(links, [Seed("van", (15, 35))]).since.keys() == {"crate", "box", "milk", "cheese", "soap"}
        assert backward(links, "soap").keys() == {"soap", "box", "van"}


def _begin_anew(store: Store) -> None:
    def work(connection: sa.Connection) -> None:
        for table in _TABLES:
            connection.execute(sa.delete(table))

    store.write(work)


def test_what_was_asked_is_asked_again_without_a_look_into_the_store(store: Store) -> None:
    events = [
        Custody(str(number), "site", number, {"type": "AggregationEvent", "action": "ADD"} | pair)
        for number, pair in enumerate([
            {"parentID": "case", "childEPCs": ["milk"]}, {"parentID": "van", "childEPCs": ["case", "crate"]},
        ])
    ]  # fmt: skip
    CustodyRecord(store).take(events)
    with store.read() as connection:
        links = StoredLinks(connection)
        numbers = links.numbers(["milk", "case", "crate"])
        few, all_of_them = ([numbers[each] for each in some] for some in (["milk", "case"], ["milk", "case", "crate"]))
        links.containers(_column(few))
        asked: list[str] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        assert _named(links, _column(few)) == {("milk", "case"), ("case", "van")}
        assert not [each for each in asked if "custody_link" in each]
        assert _named(links, _column(all_of_them)) == {("milk", "case"), ("case", "van"), ("crate", "van")}


def _column(numbers: list[int]) -> Array:
    return np.array(sorted(numbers), np.int64)


def _named(links: StoredLinks, numbers: Array) -> set[tuple[str, str]]:
    found = links.containers_again(numbers)
    return set(zip(links.names(found.of), links.names(found.other), strict=True))
