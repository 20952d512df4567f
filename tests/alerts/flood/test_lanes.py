"""Red keeps its lane: which findings are taken first, and that nothing is lost, doubled or put out of order by it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.flood.lanes import FEWEST_OTHERS, MOST_OTHERS, MOST_URGENT, URGENT_IN_A_ROW, Lanes
from alerts.intake import Arrived
from alerts.stored_offsets import Place
from tests.alerts.city_parts import finding
from topics.finding import Finding


def red(each: Finding) -> bool:
    return each.severity == "red"


def arrived(offset: int, severity: str = "yellow", quantity: str = "lel", partition: int = 0, seq: int = 0) -> Arrived:
    phase = "update" if seq else "open"
    return Arrived(finding(phase, seq, severity=severity, quantity=quantity), "findings", partition, offset)


def lanes(*waiting: Arrived) -> Lanes:
    made = Lanes(red)
    for each in waiting:
        made.put(each)
    return made


def test_red_is_taken_first_in_a_batch_of_its_own_and_the_place_to_read_on_waits_for_the_rest() -> None:
    waiting = lanes(*(arrived(n, quantity=f"q{n}") for n in range(300)), arrived(300, "red", "hot"))
    batch = waiting.next()
    assert batch is not None and batch.urgent
    assert [each.offset for each in batch.findings] == [300]
    assert waiting.offsets() == {("findings", 0): 0}
    rest = waiting.next()
    assert rest is not None and [each.offset for each in rest.findings] == list(range(MOST_OTHERS))
    assert waiting.offsets() == {("findings", 0): MOST_OTHERS}
    waiting.next()
    assert waiting.offsets() == {("findings", 0): 301}
    assert waiting.next() is None


def test_what_waits_of_the_same_alarm_comes_along_before_its_red_message() -> None:
    waiting = lanes(arrived(0), arrived(1, quantity="other"), arrived(2, "red", seq=1), arrived(3, seq=2))
    batch = waiting.next()
    assert batch is not None and [each.offset for each in batch.findings] == [0, 2]
    rest = waiting.next()
    assert rest is not None and [each.offset for each in rest.findings] == [1, 3]


def test_a_flood_of_red_does_not_hold_the_rest_back_for_ever() -> None:
    waiting = lanes(
        arrived(0, quantity="mild"), *(arrived(n, "red", f"q{n}") for n in range(1, 2 + MOST_URGENT * URGENT_IN_A_ROW))
    )
    urgent = []
    while (batch := waiting.next()) is not None:
        urgent.append(batch.urgent)
        if not batch.urgent:
            assert batch.findings[0].offset == 0
            break
    assert urgent == [True] * URGENT_IN_A_ROW + [False]


def test_a_slow_store_is_given_less_at_once_and_a_quick_one_more_again() -> None:
    waiting = lanes(*(arrived(n, quantity=f"q{n}") for n in range(2_000)))
    sizes = []
    for took_ms in (2_000, 20_000, 10, 10, 10, 10, 10):
        batch = waiting.next()
        assert batch is not None
        sizes.append(len(batch.findings))
        waiting.took(batch, took_ms)
    assert sizes == [MOST_OTHERS, FEWEST_OTHERS, FEWEST_OTHERS, 200, MOST_OTHERS, MOST_OTHERS, MOST_OTHERS]


def test_records_that_are_no_findings_move_the_place_and_are_counted_once() -> None:
    waiting = lanes()
    waiting.refuse(("findings", 1), 7)
    batch = waiting.next()
    assert batch is not None and (batch.findings, batch.refused) == ([], 1)
    assert waiting.offsets() == {("findings", 1): 8}
    assert waiting.next() is None


messages = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["red", "yellow"]), st.integers(0, 8), st.booleans()), max_size=60
)


@settings(max_examples=150, deadline=None)
@given(messages)
def test_every_finding_is_handed_out_once_its_alarms_in_order_and_no_place_passes_one_that_waits(
    made: list[tuple[int, str, int, bool]],
) -> None:
    waiting, order, out = Lanes(red), list[Arrived](), list[Arrived]()
    ends: dict[Place, int] = {}
    for partition, severity, key, look in made:
        offset = ends.get(("findings", partition), 0)
        ends["findings", partition] = offset + 1
        # A key lives in one partition, as the partitioner sees to.
        each = arrived(offset, severity, f"q{partition}-{key}", partition)
        order.append(each)
        waiting.put(each)
        if look and (batch := waiting.next()) is not None:
            out += batch.findings
            _places_are_safe(waiting, order, out)
    while (batch := waiting.next()) is not None:
        out += batch.findings
        _places_are_safe(waiting, order, out)
    assert len(out) == len(order) and len(waiting) == 0
    for name in {each.finding.alarm_key for each in order}:
        assert [each for each in out if each.finding.alarm_key == name] == [
            each for each in order if each.finding.alarm_key == name
        ]
    assert waiting.offsets() == ends


def _places_are_safe(waiting: Lanes, order: list[Arrived], out: list[Arrived]) -> None:
    done = {(each.partition, each.offset) for each in out}
    for (_, partition), offset in waiting.offsets().items():
        mine = [each.offset for each in order if each.partition == partition]
        assert offset == min((each for each in mine if (partition, each) not in done), default=mine[-1] + 1)
