"""Declarations at the desk: to the second, by the licence, both authorities, silence, versions, and the box's way."""

import msgspec
import pytest

from alerts.declarations.box import BoxSteps
from alerts.declarations.declaration_list import Cut, declaration_page
from alerts.declarations.desk import Declarations
from alerts.declarations.views import DeclarationViews
from alerts.ledger.verify import verify
from records.refused import Refused
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, NITRATE, NOW, desk_of, form, port
from topics.events import DeclarationWithdrawn, Declared, Event, GateIn, GateOut, Goods, Inspected, Stacked
from topics.finding import Finding


def said(house: House) -> list[Event | Finding]:
    """What waits to be put on topics, in order."""
    kinds = {"events.cargo": Event, "findings": Finding}
    rows = house.rows("SELECT topic, body FROM declaration_word ORDER BY id")
    return [msgspec.json.decode(row.body, type=kinds[row.topic]) for row in rows]


def accept(desk: Declarations, number: str) -> None:
    desk.sign(number, "transport", "Wu")
    desk.sign(number, "emergency", "Sun")


def test_a_second_short_of_24_hours_is_refused_with_the_rule_and_24_hours_are_taken(desk: Declarations) -> None:
    late, _ = desk.enter(form(operation=NOW + 24 * HOUR - 1000), "Li")
    known = desk.declaration(late)
    assert (known.state, known.newest.reasons[0].rule) == ("refused", "ahead")
    assert "24 h" in known.newest.reasons[0].why.en
    punctual, _ = desk.enter(form(operation=NOW + 24 * HOUR), "Li")
    assert (desk.declaration(punctual).state, desk.declaration(punctual).newest.open) == (
        "declared", ("transport", "emergency"),
    )  # fmt: skip


def test_goods_outside_the_licence_are_refused_each_with_the_rule(desk: Declarations) -> None:
    lines = (NITRATE, Goods("1689", "SODIUM CYANIDE, SOLID", "6.1", 5.0), Goods("1203", "MOTOR SPIRIT", "3", 5.0))
    number, _ = desk.enter(form(*lines), "Li")
    reasons = desk.declaration(number).newest.reasons
    assert [(each.rule, each.why.en) for each in reasons] == [
        ("licence", "UN 1689 is outside the licence of this site"),
        ("licence", "UN 1203 is outside the licence of this site"),
    ]
    with pytest.raises(Refused, match="answered"):
        desk.sign(number, "transport", "Wu")


def test_what_contradicts_a_confirmed_row_is_refused_and_what_is_unknown_is_shown_so(desk: Declarations) -> None:
    ammonia = Goods("1005", "AMMONIA, ANHYDROUS", "2.2", 5.0, ("8",), packages=1)
    number, _ = desk.enter(form(ammonia), "Li")
    (reason,) = desk.declaration(number).newest.reasons
    assert (reason.rule, reason.why.en) == ("goods", "UN 1005 class: declared 2.2, the list has 2.3")
    weak_acid = Goods("2031", "NITRIC ACID", "8", 5.0, packages=1)
    number, _ = desk.enter(form(weak_acid, site="quay"), "Li")
    doubts = [each.en for each in desk.declaration(number).newest.doubts]
    assert "UN 2031 subsidiary hazards: declared none, the list has 5.1 (that row is not confirmed)" in doubts
    number, _ = desk.enter(form(Goods("9999", "X", "3", 1.0), site="quay"), "Li")
    known = desk.declaration(number).newest
    assert known.answer == "declared" and "UN 9999 is not in the goods list: unknown" in [t.en for t in known.doubts]


def test_what_no_box_can_hold_is_doubted_and_blanks_are_no_name(desk: Declarations) -> None:
    number, _ = desk.enter(form(msgspec.structs.replace(NITRATE, mass_t=99_999.0)), "Li")
    known = desk.declaration(number).newest
    assert [each.en for each in known.doubts if "36 t (ISO 668" in each.en] and known.answer == "declared"
    for blank in ("consignor", "emergency_contact"):
        with pytest.raises(Refused, match=f"{blank.replace('_', ' ')}: required"):
            desk.enter(form(**{blank: "   "}), "Li")
        with pytest.raises(Refused, match="required"):
            desk.amend(number, form(**{blank: "   "}), "Li", "x")


def test_who_may_sign_for_whom(desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    with pytest.raises(Refused, match="may not speak for the emergency"):
        desk.sign(number, "emergency", "Wu")
    desk.sign(number, "transport", "Sun")
    with pytest.raises(Refused, match="two authorities"):
        desk.sign(number, "emergency", "Sun")


def test_only_what_is_accepted_reaches_the_yard_and_what_is_taken_back_leaves_it(
    house: House, desk: Declarations
) -> None:
    number, new = desk.enter(form(gross_t=24.0), "Li")
    assert desk.enter(form(gross_t=24.0), "Li") == (number, False) and new
    assert said(house) == []
    accept(desk, number)
    (first,) = said(house)
    assert isinstance(first, Declared)
    assert (first.declaration, first.container, first.goods, first.gross_t) == (number, "CSQU3054383", (NITRATE,), 24.0)
    more = form(msgspec.structs.replace(NITRATE, mass_t=21.0))
    assert desk.amend(number, more, "Li", "weighed").in_force is not None
    assert len(said(house)) == 1
    accept(desk, number)
    assert [type(each) for each in said(house)] == [Declared, Declared]
    desk.cancel(number, "Li", "not shipped")
    last = said(house)[-1]
    assert isinstance(last, DeclarationWithdrawn) and last.declaration == number
    again, new = desk.enter(form(gross_t=24.0), "Li")
    assert (again, new) == (f"{number}-2", True)
    view = DeclarationViews(desk).view(number)
    assert [(each["number"], each["answer"]) for each in view["versions"]] == [(1, "accepted"), (2, "accepted")]
    assert (view["state"], view["in_force"]) == ("cancelled", None)


def test_an_amendment_that_brings_goods_or_operation_forward_must_be_early_enough_itself(
    house: House, desk: Declarations
) -> None:
    number, _ = desk.enter(form(), "Li")
    house.city.tick(NOW + 20 * HOUR)
    assert desk.amend(number, form(msgspec.structs.replace(NITRATE, mass_t=19.0)), "Li", "x").state == "declared"
    assert desk.amend(number, form(operation=NOW + 29 * HOUR), "Li", "x").newest.reasons[0].rule == "ahead"
    ammonia = Goods("1005", "AMMONIA, ANHYDROUS", "2.3", 5.0, ("8",), packages=1)
    assert desk.amend(number, form(ammonia), "Li", "x").newest.reasons[0].rule == "ahead"


def test_who_asks_twice_has_still_asked_too_late(house: House, desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    accept(desk, number)
    house.city.tick(NOW + 25 * HOUR)
    with_ammonia = form(NITRATE, Goods("1005", "AMMONIA, ANHYDROUS", "2.3", 5.0, ("8",), packages=1))
    double = form(msgspec.structs.replace(NITRATE, mass_t=40.0))
    for late in (with_ammonia, double):
        for _ in range(2):
            assert [each.rule for each in desk.amend(number, late, "Li", "x").newest.reasons] == ["ahead"]
    slightly_more = form(msgspec.structs.replace(NITRATE, mass_t=20.9))
    assert desk.amend(number, slightly_more, "Li", "weighed").state == "declared"


def test_gate_and_yard_move_the_declaration_on_in_any_order_and_none_but_its_own(
    house: House, desk: Declarations
) -> None:
    number, _ = desk.enter(form(), "Li")
    accept(desk, number)
    steps = BoxSteps(desk)
    box, t = "CSQU3054383", NOW + 30 * HOUR
    assert steps.take([GateIn("before", "yard", NOW - HOUR, box)]) == []
    out: list[Event] = [
        GateOut("o", "yard", t + 5, box, "MV Test"),
        Stacked("s2", "yard", t + 3, box, "B", 3, 4, 1),
        GateIn("i", "yard", t, box, number, gross_t=24.1),
        GateIn("else", "quay", t, box),
        Inspected("n", "yard", t + 4, box, True, by="Wu"),
        Stacked("s1", "yard", t + 2, box, "A", 1, 2, 1),
        GateIn("x", "yard", t, "MSKU0000000"),
    ]
    assert set(steps.take(out * 2, "declarations:events.cargo", 0, 7)) == {number}
    assert steps.next_offset("declarations:events.cargo", 0) == 7
    known = desk.declaration(number)
    assert [each.step for each in known.seen] == ["gate-in", "stacked", "moved", "opened", "loaded"]
    assert (known.state, known.seen[0].detail, known.seen[-1].detail) == ("loaded", "24.1 t", "MV Test")
    second, _ = desk.enter(form(operation=t + 60 * HOUR), "Li")
    house.city.tick(t + 61 * HOUR)
    steps.take([GateIn("i2", "yard", t + 60 * HOUR, box), Stacked("s3", "yard", t + 61 * HOUR, box, "A", 1, 1, 1)])
    assert (desk.declaration(second).state, desk.declaration(second).unlawful) == ("stacked", True)
    assert desk.declaration(number).state == "loaded"
    assert DeclarationViews(desk).figures() == {
        "declarations": 2, "states": {"loaded": 1, "stacked": 1}, "overdue": 1, "unlawful": 1,
    }  # fmt: skip


def test_each_authority_sees_its_part_and_every_event_is_chained(house: House, desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    accept(desk, number)
    parts = DeclarationViews(desk).view(number)["parts"]
    transport, emergency = parts["transport"]["fields"], parts["emergency"]["fields"]
    assert "emergency_contact" not in transport and "ems" not in transport["goods"][0] and "gross_t" in transport
    assert emergency["emergency_contact"] and "ems" in emergency["goods"][0] and "gross_t" not in emergency
    with house.store.read() as connection:
        assert verify(connection).broken == []
    assert house.rows("SELECT count(*), count(DISTINCT entry) FROM declaration_event")[0] == (3, 3)


def test_without_rules_or_a_pack_that_gives_terms_nothing_is_taken(house: House) -> None:
    with pytest.raises(Refused, match="no rules"):
        Declarations(house.store, house.city, house.clock).enter(form(), "Li")
    with pytest.raises(Refused, match="no declarations are taken for site 'elsewhere'"):
        desk_of(house).enter(form(site="elsewhere"), "Li")
    with pytest.raises(Refused, match="no declarations are taken for site 'haulier'"):
        desk_of(house).enter(form(site="haulier"), "Li")
    assert {each["id"] for each in DeclarationViews(desk_of(house)).sites()} == {"quay", "yard"}


def test_the_whole_way_on_each_kind_of_store(store_url: str) -> None:
    house = House(store_url, port())
    desk, views = desk_of(house), DeclarationViews(desk_of(house))
    number, _ = desk.enter(form(gross_t=24.0), "Li")
    assert desk.enter(form(gross_t=24.0), "Li") == (number, False)
    late, _ = desk.enter(form(container="MSKU1234565", operation=NOW + HOUR), "Li")
    desk.sign(number, "transport", "Wu")
    house.city.tick(NOW + 2 * HOUR)
    assert desk.on_time() == [number]
    late_for = declaration_page(views, Cut(awaiting="emergency", overdue=True), 9)
    assert [each["id"] for each in late_for["items"]] == [number]
    assert declaration_page(views, Cut(awaiting="transport"), 9) == {"items": [], "next": None, "count": 0}
    desk.sign(number, "emergency", "Sun")
    BoxSteps(desk).take([GateIn("i", "yard", NOW + 3 * HOUR, "CSQU3054383")] * 2, "declarations:x", 1, 9)
    assert [(each["id"], each["state"]) for each in declaration_page(views, Cut(), 9)["items"]] == sorted(
        [(number, "gate-in"), (late, "refused")], key=lambda row: row[0], reverse=True
    )
    assert views.figures()["states"] == {"gate-in": 1, "refused": 1}
    assert [type(each).__name__ for each in said(house)] == ["Finding", "Declared", "Finding"]
    assert BoxSteps(desk).next_offset("declarations:x", 1) == 9
    house.store.close()
