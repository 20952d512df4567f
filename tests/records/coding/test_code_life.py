"""The life of a code: what is told of missing vouchers, of codes in two hands and of goods nobody coded."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from records.coding.code_life import Fault, faults_of
from records.coding.steps import Step, steps_of
from records.coding.terms import CodingTerms, Role
from topics.events import Custody

Said = tuple[Role, str]
SOUND: list[Said] = [
    ("code", "port"), ("held", "port"), ("out", "port"), ("in", "hall"), ("held", "hall"), ("out", "hall"),
    ("in", "shop"), ("held", "shop"), ("sale", "shop"),
]  # fmt: skip


def life(*said: Said, lot: bool = False, made_coded: bool = False) -> list[tuple[str, str, str]]:
    steps = [Step("c", "c", f"e{at}", at, role, site, lot) for at, (role, site) in enumerate(said)]
    random.Random(1).shuffle(steps)
    return [(each.kind, each.site, each.other) for each in faults_of(steps, made_coded=made_coded)]


def test_a_chain_with_every_voucher_has_no_fault() -> None:
    assert life(*SOUND) == life(*SOUND, lot=True) == []
    assert life(*SOUND[:4], ("out", "hall"), ("in", "port"), ("sale", "port")) == [], "goods may come back"
    assert life(*SOUND[:3], ("out", "port"), *SOUND[3:]) == [], "a voucher told twice"
    assert life(("in", "port"), *SOUND) == [], "how it came to the first station is not its first link"


def test_what_nobody_coded_may_not_be_sold() -> None:
    assert life(("in", "shop"), ("sale", "shop")) == [("uncoded-sale", "shop", "")]
    assert life(("sale", "shop"), ("code", "shop")) == [("uncoded-sale", "shop", "")], "coding after it is too late"
    assert life(("made", "shop"), ("sale", "shop")) == [("uncoded-sale", "shop", "")]
    assert life(("made", "shop"), ("sale", "shop"), made_coded=True) == []


def test_a_missing_voucher_breaks_the_link_once_and_says_whose() -> None:
    without = {at: life(*(each for place, each in enumerate(SOUND) if place != at)) for at in (2, 3, 5, 6)}
    assert without == {
        2: [("broken-link", "hall", "port")],  # the port never sent it out
        3: [("broken-link", "hall", "")],  # the hall never took it in
        5: [("broken-link", "shop", "hall")],
        6: [("broken-link", "shop", "")],
    }
    kept = [*SOUND[:3], ("held", "port"), ("sale", "port")]
    assert life(*kept) == [("broken-link", "port", "")], "sent out, and still there"
    sold: list[Said] = [("code", "port"), ("sale", "shop"), ("out", "shop"), ("held", "shop")]
    assert life(*sold) == [("broken-link", "shop", "port"), ("broken-link", "shop", "")], "one hand is not two holders"


def test_a_code_that_two_hands_use_is_no_missing_voucher() -> None:
    both = ("two-holders", "other", "shop")
    assert life(*SOUND, ("sale", "other")) == [both], "sold here, sold there"
    assert life(*SOUND, ("in", "other"), ("sale", "other"), ("sale", "shop")) == [both]
    copied = [*SOUND[:8], ("held", "other"), ("sale", "shop"), ("sale", "other")]
    assert life(*copied) == [("two-holders", "shop", "other")], "the first hand goes on: it never let it go"
    assert life(("code", "port"), ("code", "harbour")) == [("two-holders", "harbour", "port")]


def test_of_a_lot_several_may_hold_some_if_they_got_it_from_somebody() -> None:
    shared: list[Said] = [
        ("code", "port"), ("out", "port"), ("in", "hall"), ("held", "port"), ("out", "port"), ("in", "shop"),
        ("sale", "shop"), ("sale", "hall"), ("sale", "port"),
    ]  # fmt: skip
    assert life(*shared, lot=True) == []
    assert life(*shared, ("sale", "kiosk"), lot=True) == [("broken-link", "kiosk", "port")]
    assert life(*shared, ("code", "kiosk"), lot=True) == [("two-holders", "kiosk", "port")]


@given(st.integers(0, 6), st.data())
@settings(max_examples=60, deadline=None)
def test_a_way_over_any_hands_lacks_exactly_what_is_taken_from_it(hands: int, data: st.DataObject) -> None:
    """Over any number of hands, with anything done in each: sound as it is, and one voucher less is one link less."""
    way: list[Said] = [("code", "h0")]
    vouchers = []
    for at in range(hands + 1):
        way += [("held", f"h{at}")] * data.draw(st.integers(0, 2))
        if at < hands:
            vouchers += [len(way), len(way) + 1]
            way += [("out", f"h{at}"), ("in", f"h{at + 1}")]
    way.append(("sale", f"h{hands}"))
    assert life(*way) == []
    if vouchers:
        lost = data.draw(st.sampled_from(vouchers))
        found = life(*(each for place, each in enumerate(way) if place != lost))
        assert [kind for kind, _, _ in found] == ["broken-link"]
        assert found[0][1] == f"h{vouchers.index(lost) // 2 + 1}"


@given(st.lists(st.tuples(st.sampled_from(["code", "out", "in", "held", "sale"]), st.sampled_from("abc")), max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_is_said_each_step_is_told_of_at_most_once(said: list[Said]) -> None:
    steps = [Step("c", "c", f"e{at}", at, role, site) for at, (role, site) in enumerate(said)]
    found = faults_of(steps)
    assert len({each.event for each in found}) == len(found)
    assert sum(each.kind == "two-holders" for each in found) <= 1
    assert all(isinstance(each, Fault) and each.site != each.other for each in found)


def test_the_same_goods_by_urn_and_by_link_are_one_code() -> None:
    terms = CodingTerms("the test", True)
    urn = {"type": "ObjectEvent", "bizStep": "commissioning", "epcList": ["urn:epc:id:sgtin:6900000.000001.7"]}
    link = {"type": "ObjectEvent", "bizStep": "urn:epcglobal:cbv:bizstep:retail_selling"}
    sold = Custody("2", "shop", 2, link | {"epcList": ["https://shop.cn/01/06900000000014/21/7?x=1"]})
    coded = Custody("1", "shop", 1, urn)
    (one,), (other,) = steps_of(coded, terms), steps_of(sold, terms)
    assert (one.role, other.role) == ("code", "sale")
    assert one.code == other.code == "https://id.gs1.org/01/06900000000014/21/7"
    taken_back = Custody("1#error/x", "shop", 1, urn | {"errorDeclaration": {}})
    assert list(steps_of(taken_back, terms)) == []
