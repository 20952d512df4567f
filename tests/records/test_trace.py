"""Traces against a naive closure that lives through every moment one by one, on random graphs; and small stories."""

import itertools
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from records.cover import Cover
from records.custody import BEGINNING, END, Change, Facts, facts, lot_code, pair_stays, stays
from records.links import Known
from records.trace import Seed, backward, forward
from tests.records.custody_stories import (
    LAST,
    NAMES,
    Word,
    declared_wrong,
    events_of,
    linked,
    made,
    moment,
    name,
    read,
    word,
    worded,
    wording,
)  # fmt: skip


def naive(events: list[Facts], seed: Seed) -> set[str]:
    """Lives through the moments 0, 1, 2, …: what is in what now, what is bad now, what is made now."""
    whole = {seed.name} if seed.window is None else set()
    bad = set(whole)
    spoiled: set[str] = set()
    for now in range(LAST + 2):
        inside = {(parent, child) for parent in NAMES for child in NAMES if _inside(events, parent, child, now)}
        while True:
            before = len(whole), len(bad), len(spoiled)
            broken = seed.window is not None and seed.window[0] <= now < seed.window[1]
            for root in whole | ({seed.name} if broken else set()):
                bad |= _below(inside, root)
            for event in events:
                if event.time == now and any(({each} | _below(inside, each)) & bad for each in event.inputs):
                    spoiled.add(event.process)
            for event in events:
                if event.time == now and event.process in spoiled:
                    whole |= set(event.outputs)
            bad |= whole
            if before == (len(whole), len(bad), len(spoiled)):
                break
    return bad


def _inside(events: list[Facts], parent: str, child: str, now: int) -> bool:
    rank = {"DELETE": 0, "OBSERVE": 1, "ADD": 2}
    named = sorted((e.time, rank[a], a) for e in events for p, c, a in e.links if (p, c) == (parent, child))
    if not named:
        return False
    emptied = [(e.time, 0, "DELETE") for e in events for p, c, _ in e.links if (p, c) == (parent, "")]
    words = sorted([*named, *(each for each in emptied if each[0] > named[0][0])])
    if any(action == "OBSERVE" and time == now for time, _, action in words):
        return True
    past = [action for time, _, action in words if time <= now and action != "OBSERVE"]
    if past:
        return past[-1] == "ADD"
    return words[0][2] == "DELETE"


def _below(inside: set[tuple[str, str]], root: str) -> set[str]:
    found: set[str] = set()
    waiting = [root]
    while waiting:
        here = waiting.pop()
        more = {child for parent, child in inside if parent == here} - found
        found |= more
        waiting += more
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(word, max_size=12), name)
def test_forward_is_sound_and_complete(words: list[Word], bad: str) -> None:
    events = read(words)
    assert set(forward(Known(events), [Seed(bad)]).since) == naive(events, Seed(bad))


@settings(max_examples=40, deadline=None)
@given(st.lists(word, max_size=12), name, moment, st.integers(1, 4))
def test_a_breach_taints_exactly_what_was_aboard(words: list[Word], van: str, start: int, long: int) -> None:
    events, seed = read(words), Seed(van, (start, start + long))
    assert set(forward(Known(events), [seed]).since) == naive(events, seed)


@settings(max_examples=60, deadline=None)
@given(st.lists(word, max_size=12), name)
def test_backward_is_the_converse_of_forward(words: list[Word], bad: str) -> None:
    events = read(words)
    assert set(backward(Known(events), bad)) == {each for each in NAMES if bad in naive(events, Seed(each))}


@settings(max_examples=60, deadline=None)
@given(st.lists(word, max_size=12), name, st.randoms(use_true_random=False))
def test_a_trace_is_sound_and_complete_whoever_writes_a_name_in_which_way(
    words: list[Word], bad: str, chance: Random
) -> None:
    """What one firm calls by a URN and another by a link of its own is one thing."""
    told = events_of(words)

    def pick() -> int:
        return chance.randrange(3)

    known = Known(facts(worded(each, pick)) for each in told)
    plain = {wording(each, number): each for each in NAMES for number in range(3)}
    found = forward(known, [Seed(wording(bad, pick()))])
    assert sorted(plain[each] for each in found.since) == sorted(naive(read(words), Seed(bad)))
    van = forward(known, [Seed(wording(bad, pick()), (2, 6))])
    assert sorted(plain[each] for each in van.since) == sorted(naive(read(words), Seed(bad, (2, 6))))
    before = backward(known, wording(bad, pick()))
    assert {plain[each] for each in before} == set(backward(Known(read(words)), bad))


@settings(max_examples=30, deadline=None)
@given(st.lists(word, max_size=10), st.randoms())
def test_the_order_of_arrival_does_not_matter(words: list[Word], chance: object) -> None:
    events = read(words)
    mixed = list(events)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert forward(Known(mixed), [Seed("a")]).since == forward(Known(events), [Seed("a")]).since


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=20))
def test_windows_are_kept_apart_in_order_and_new_moments_are_told(added: list[tuple[int, int]]) -> None:
    cover, moments = Cover(), set[int]()
    for start, long in added:
        new = set(range(start, start + long)) - moments
        assert cover.add(7, (start, start + long)) == bool(new)
        moments |= new
    windows = cover.windows.get(7, [])
    assert {each for start, end in windows for each in range(start, end)} == moments
    assert all(end < later for (_, end), (later, _) in itertools.pairwise(windows))


def test_milk_becomes_yoghurt_that_rides_on_a_pallet_whose_other_goods_stay_good() -> None:
    told = [
        made(1, 10, ["milk"], ["yoghurt"]),
        linked(2, 20, "pallet", ["yoghurt", "cheese"], "ADD"),
        linked(3, 30, "pallet", ["yoghurt"], "DELETE"),
        made(4, 40, ["pallet"], ["box"]),
    ]
    events = [facts(each) for each in told]
    found = forward(Known(events), [Seed("milk")])
    assert found.since == {"milk": BEGINNING, "yoghurt": 10}
    assert found.carrying["pallet"] == ((20, 30),)
    assert found.reasons["yoghurt"].how == "made"
    assert set(backward(Known(events), "box")) == {"box", "pallet", "cheese"}


def test_an_event_declared_wrong_no_longer_counts() -> None:
    event = made(1, 10, ["milk"], ["yoghurt"])
    known = Known([facts(event), facts(declared_wrong(event))])
    assert set(forward(known, [Seed("milk")]).since) == {"milk"}


def test_intervals_of_words() -> None:
    assert stays([Change(5, "DELETE"), Change(2, "ADD"), Change(8, "OBSERVE")]) == [(2, 5), (8, 9)]
    assert stays([Change(5, "DELETE"), Change(9, "DELETE")]) == [(BEGINNING, 5)]
    assert pair_stays([Change(2, "ADD")], [1, 4]) == [(2, 4)]


@given(
    st.lists(st.tuples(moment, st.sampled_from(["ADD", "DELETE", "OBSERVE"])), max_size=3), st.lists(moment, max_size=3)
)
def test_the_short_way_of_pairing_is_the_long_one(words: list[tuple[int, str]], emptied: list[int]) -> None:
    changes = [Change(*each) for each in words]
    begun = min((each.time for each in changes), default=LAST)
    gone = [Change(each, "DELETE") for each in sorted(emptied) if each > begun]
    assert pair_stays(changes, sorted(emptied)) == (stays([*changes, *gone]) if changes else [])


def test_what_nobody_told_of_is_bad_by_itself_and_made_of_itself() -> None:
    known = Known([facts(made(1, 10, ["milk"], ["yoghurt"]))])
    assert forward(known, [Seed("wine"), Seed("van", (1, 5))]).carrying == {"wine": ((BEGINNING, END),)}
    assert backward(known, "wine") == {"wine": END - 1}


def test_lot_codes() -> None:
    assert lot_code("urn:epc:class:lgtin:4012345.012345.998877") == "998877"
    assert lot_code("https://id.gs1.org/01/04012345123456/10/L7?x=1") == "L7"
    assert lot_code("https://id.gs1.org/01/04012345123456/10/L%2B7") == "L+7", "as it stands on the pack"
    assert lot_code("urn:epc:id:sscc:1.2") == ""
