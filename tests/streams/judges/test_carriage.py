"""The judge of carriers: the same whatever order positions come in, late ones apart, silence, permits, memory."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.carriage.permits import PermitBook
from records.carriage.terms import CarriageFacts, PermitAsked
from streams.judges.carriage import CarriageJudge
from streams.judges.carriage_memory import FORM, Snapshot, pack_snapshot, read_snapshot
from tests.records.carriage.places import MINUTE, SECOND, T0, TERMS, TRUCK, position, square, waybill
from topics.finding import Finding, Text
from topics.positions import Permit, Position, Told

FACTS = CarriageFacts(
    TERMS,
    {"homes": square(1_000, -500, 1_000), "school": square(4_000, 300, 200)},
    {"licence": PermitAsked("driver", Text("从业资格证", "licence"), "the test", False)},
)
LICENCE = Permit("driver", "D-1", "licence", "7", T0 - 86_400_000, T0 + 86_400_000)

Row = tuple[str, str, float, bool]


def judge(*permits: Permit) -> CarriageJudge:
    return CarriageJudge("cargo", FACTS, 0, PermitBook(permits or (LICENCE,)))


def course(every: int = 10) -> list[Position]:
    """Through the homes, off the route and back, a stop near the school, and on."""
    way = [position(s, s * 10, 0) for s in range(0, 250, every)]
    way += [position(s, s * 10, 400) for s in range(250, 400, every)]
    way += [position(s, 4_000, 0, 0) for s in range(400, 800, every)]
    return way + [position(s, 4_000 + (s - 800) * 10, 0) for s in range(800, 1_000, every)]


def play(
    judge: CarriageJudge, told: list[tuple[int, Told]], until: int, first: int = 0, every: int = 1
) -> list[Finding]:
    """Messages with the second at which each comes, and a tick every so many seconds."""
    said: list[Finding] = []
    waiting = sorted(enumerate(told), key=lambda each: each[1][0])
    for second in range(first, until + 1, every):
        while waiting and waiting[0][1][0] <= second:
            offset, (_, message) = waiting.pop(0)
            assert judge.take(message, offset) == ""
        said += judge.tick(T0 + second * SECOND, 10_000 + second, 0)
    return said


def in_time(positions: list[Position], lag: int = 1) -> list[tuple[int, Told]]:
    return [(0, waybill()), *(((each.time - T0) // SECOND + lag, each) for each in positions)]


def rows(said: list[Finding]) -> list[Row]:
    return [(each.detector, each.phase, (each.time - T0) / SECOND, each.late) for each in said]


STORY: list[Row] = [
    ("carriage-forbidden-area", "open", 100.0, False),
    ("carriage-forbidden-area", "close", 200.0, False),
    ("carriage-deviation", "open", 310.0, False),
    ("carriage-deviation", "close", 400.0, False),
    ("carriage-stop", "open", 700.0, False),
    ("carriage-stop", "close", 810.0, False),
]


def test_the_way_is_told_with_what_a_sequence_of_events_needs() -> None:
    said = play(judge(), in_time(course()), 1_020)
    assert [(name, phase, round(time), late) for name, phase, time, late in rows(said)] == STORY
    stop = said[4]
    assert (stop.quantity, stop.facts["near_area"], stop.facts["near_kind"]) == (TRUCK, "school", "residential")
    assert stop.facts["near_m"] == pytest.approx(300, rel=0.01)
    assert stop.severity == "orange"
    assert {each.facts["carrier"] for each in said} == {TRUCK}
    assert "UN 2556" in stop.text.en
    assert "停留" in stop.text.zh
    assert len({each.id for each in said}) == 3
    assert all(
        (each.opened, each.id) == (opened.opened, opened.id) for opened, each in zip(said[::2], said[1::2], strict=True)
    )


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_positions_that_come_in_any_order_within_the_time_they_wait_are_judged_alike(dice: random.Random) -> None:
    way = course(every=5)[:85]  # closer together than they may be late: they overtake each other
    straight = play(judge(), in_time(way, 0), 450)
    mixed = [(second + dice.randint(0, 9) * bool(second), each) for second, each in in_time(way, 0)]
    twice = mixed + [each for each in mixed if dice.random() < 0.2]
    again = play(judge(), twice, 450, every=dice.choice((1, 6, 15, 30)))
    assert [(each.id, each.seq, each.time, each.text) for each in again] == [
        (each.id, each.seq, each.time, each.text) for each in straight
    ]
    assert len(straight) >= 4


def test_what_a_terminal_kept_without_a_network_is_judged_late_and_sounds_no_siren() -> None:
    way = course()
    kept = [each for each in way if 60 <= (each.time - T0) / SECOND < 240]
    sent = [(second, each) for second, each in in_time(way) if each not in kept]
    said = play(judge(), [*sent, *((600, each) for each in kept)], 1_020)
    late = [each for each in said if each.late]
    assert [(each.detector, each.phase, round((each.time - T0) / SECOND)) for each in late] == [
        ("carriage-forbidden-area", "open", 100),
        ("carriage-forbidden-area", "close", 200),
    ]
    live = play(judge(), in_time(way), 1_020)
    assert late[0].id == live[0].id, "what is late is the finding it would have been"
    again = play(judge(), [*in_time(way), *((600, each) for each in kept)], 1_020)
    assert not any(each.late for each in again), "what was said already is not said again"


def test_a_terminal_whose_clock_is_slow_is_judged_all_the_same() -> None:
    said = play(judge(), in_time(course(), lag=45), 1_060)
    assert [each[:2] for each in rows(said)] == [each[:2] for each in STORY]
    assert not any(each.late for each in said)


def test_silence_is_told_by_city_time_and_ends_with_the_next_position() -> None:
    way = [position(s, s * 10, 5_000, trip="YD-1") for s in (*range(0, 100, 10), *range(900, 1_000, 10))]
    said = play(judge(), [(0, waybill(route=[])), *in_time(way)[1:]], 1_020)
    assert rows(said) == [("carriage-silence", "open", 390.0, False), ("carriage-silence", "close", 900.0, False)]
    assert said[0].facts["last_heard"] == T0 + 90 * SECOND


def test_a_trip_never_heard_of_is_silent_from_its_departure_until_it_is_said_to_be_over() -> None:
    over = waybill(time=T0 + 400 * SECOND, ended=T0 + 500 * SECOND)
    said = play(judge(), [(0, waybill()), (400, over)], 600)
    assert [(name, phase, time) for name, phase, time, _ in rows(said)] == [
        ("carriage-silence", "open", 300.0),
        ("carriage-silence", "close", 510.0),
    ]


def test_what_was_said_of_a_trip_ends_with_it() -> None:
    way = [position(s, s * 10, 700) for s in range(0, 300, 10)]
    over = waybill(time=T0 + 200 * SECOND, ended=T0 + 200 * SECOND)
    said = play(judge(), [*in_time(way), (205, over)], 400)
    assert [each[:3] for each in rows(said)] == [
        ("carriage-deviation", "open", 60.0),
        ("carriage-deviation", "close", 200.0),
    ]


def test_a_permit_that_runs_out_on_the_way_is_told_then_and_ends_when_it_is_renewed() -> None:
    judging = judge(Permit("driver", "D-1", "licence", "7", T0 - 1, T0 + 5 * MINUTE))
    way = [position(s, s * 10, 5_000, trip="YD-1") for s in range(0, 1_000, 10)]
    told: list[tuple[int, Told]] = [(0, waybill(route=[])), *in_time(way)[1:]]
    said = play(judging, told, 480)
    judging.permits.put(LICENCE)
    judging.renewed()
    said += play(judging, [], 500, 481)
    assert rows(said) == [("carriage-permit", "open", 300.0, False), ("carriage-permit", "close", 481.0, False)]
    assert (said[0].facts["state"], said[0].facts["holder"], said[0].facts["role"]) == ("expired", "D-1", "driver")


def test_a_position_far_ahead_of_the_city_is_refused() -> None:
    judging = judge()
    judging.tick(T0, 0, 0)
    assert "expected a time up to" in judging.take(position(601, 0, 0), 1)
    assert judging.take(position(599, 0, 0), 2) == ""


@pytest.mark.parametrize("cut", [130, 330, 560, 805])
def test_what_is_kept_goes_on_as_if_nothing_had_been(cut: int) -> None:
    told = in_time(course())
    whole = play(judge(), told, 1_020)
    first = judge()
    said = play(first, [each for each in told if each[0] <= cut], cut)
    kept = read_snapshot(pack_snapshot(Snapshot(FORM, 7, {"cargo": first.memory()})))
    assert kept is not None
    second = judge()
    second.recall(kept.domains["cargo"])
    said += play(second, [each for each in told if each[0] > cut], 1_020, cut + 1)
    assert [(each.id, each.seq, each.time) for each in said] == [(each.id, each.seq, each.time) for each in whole]


def test_what_another_form_wrote_is_not_taken_up() -> None:
    assert read_snapshot(b"nonsense") is None
    assert read_snapshot(pack_snapshot(Snapshot(FORM + 1, 7, {}))) is None
