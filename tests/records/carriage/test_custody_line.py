"""One container's way from its shipper over road, gate and yard to a ship, in whatever order it is heard."""

from hypothesis import given, settings
from hypothesis import strategies as st

from records.carriage.custody_line import Seen, Told, custody_line
from tests.records.carriage.places import MINUTE, T0, TRUCK, waybill
from topics.events import GateIn, GateOut, Inspected, Stacked
from topics.positions import Handover, Party

BOX, YARD, SHIP = "TCNU1234567", "yard-1", "MV Hope"

TRIP = waybill(origin="plant", destination=YARD, ended=T0 + 50 * MINUTE)
GATED = GateIn("g-1", YARD, T0 + 40 * MINUTE, BOX)
STACKED = Stacked("s-1", YARD, T0 + 45 * MINUTE, BOX, "A", 3, 2, 1)
MOVED = Stacked("s-2", YARD, T0 + 90 * MINUTE, BOX, "B", 4, 1, 2)
LOADED = GateOut("o-1", YARD, T0 + 200 * MINUTE, BOX, aboard=SHIP)
VOYAGE = waybill(
    id="V-1", carrier=SHIP, kind="ship", departs=T0 + 300 * MINUTE, arrives=T0 + 3_000 * MINUTE, route=[],
    destination="Busan", time=T0,
)  # fmt: skip
WHOLE = Told((TRIP, VOYAGE), (), (GATED, STACKED, MOVED, LOADED))


def told(line: Told, until: int | None = None) -> list[tuple[str, str, float]]:
    rows = custody_line(line, None if until is None else T0 + until * MINUTE)
    return [(each.kind, each.name, (each.since - T0) / MINUTE) for each in rows]


def test_the_whole_way_from_the_shipper_to_the_ship() -> None:
    assert told(WHOLE) == [
        ("shipper", "plant", -60.0),
        ("carrier", TRUCK, 0.0),
        ("yard", YARD, 40.0),
        ("ship", SHIP, 200.0),
    ]
    line = custody_line(WHOLE)
    assert (line[2].place, line[2].until) == ("B 04-01-2", T0 + 200 * MINUTE)
    assert [(each.kind, each.id) for each in line[2].evidence] == [
        ("gate_in", "g-1"), ("stacked", "s-1"), ("stacked", "s-2"),
    ]  # fmt: skip
    assert line[1].trip == "YD-1"


def test_any_past_moment_has_its_own_holder_and_place() -> None:
    assert told(WHOLE, 39)[-1][0] == "carrier"
    assert told(WHOLE, 40)[-1][:2] == ("yard", YARD)
    assert custody_line(WHOLE, T0 + 60 * MINUTE)[-1].place == "A 03-02-1"
    assert told(WHOLE, -90) == []


@settings(max_examples=25, deadline=None)
@given(st.permutations((GATED, STACKED, MOVED, LOADED)), st.permutations((TRIP, VOYAGE)))
def test_the_order_in_which_things_are_heard_plays_no_part(yard, trips) -> None:  # type: ignore[no-untyped-def]
    assert custody_line(Told(tuple(trips), (), tuple(yard))) == custody_line(WHOLE)


def test_a_box_fetched_from_a_yard_is_in_it_until_the_gate() -> None:
    fetch = waybill(id="YD-2", departs=T0 + 100 * MINUTE, arrives=T0 + 160 * MINUTE, origin=YARD, time=T0 + 95 * MINUTE)
    out = GateOut("o-2", YARD, T0 + 110 * MINUTE, BOX)
    assert told(Told((fetch,), (), (GATED, out))) == [("yard", YARD, 40.0), ("carrier", TRUCK, 110.0)]
    assert told(Told((), (), (GATED, out)))[-1] == ("unknown", "", 110.0), "nobody has said whose vehicle it was"


def test_a_trip_that_ends_without_a_gate_ends_at_its_consignee() -> None:
    assert told(Told((TRIP,)))[-1] == ("consignee", YARD, 50.0)
    assert told(Told((waybill(cancelled=True),))) == []


def test_a_yard_that_signed_for_a_box_has_it_though_the_trip_ends() -> None:
    given = Handover(
        "H-2", TRUCK, "haul-01", T0 + 41 * MINUTE, Party("carrier", TRUCK), Party("yard", YARD), waybill=TRIP.id
    )  # fmt: skip
    assert told(Told((TRIP,), (given,), (GATED, STACKED)))[-1][:2] == ("yard", YARD)


def test_a_signed_handover_says_who_has_it() -> None:
    given = Handover(
        "H-1",
        TRUCK,
        "haul-01",
        T0 + 20 * MINUTE,
        Party("carrier", TRUCK),
        Party("carrier", "津B00002"),
        place="rest stop",
    )
    line = custody_line(Told((TRIP,), (given,)))
    assert (line[-1].kind, line[-1].name, line[-1].place) == ("carrier", "津B00002", "rest stop")
    assert line[-1].evidence[0].kind == "handover"


def test_a_terminal_that_says_it_is_aboard_is_evidence_where_no_paper_speaks() -> None:
    seen = Seen("津C00003", "road", T0, T0 + MINUTE)
    assert told(Told(seen=(seen,))) == [("carrier", "津C00003", 0.0)]
    assert told(Told(yard=(GATED,), seen=(Seen(TRUCK, "road", T0 + 60 * MINUTE, T0 + 61 * MINUTE),)))[-1][0] == "yard"


def test_an_inspection_is_no_change_of_hands() -> None:
    assert told(Told(yard=(GATED, Inspected("i-1", YARD, T0 + 60 * MINUTE, BOX, opened=True)))) == [
        ("yard", YARD, 40.0)
    ]
