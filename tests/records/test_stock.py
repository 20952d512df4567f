"""The columns of a yard against the yard itself, replayed from zero: any order of events, any moment, any question."""

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from records.stays import Box, YardEvent
from records.stock import Question, Stock, Wanted
from records.yard import Yard
from topics.events import DeclarationWithdrawn, Declared, GateIn, GateOut, Goods, Inspected, Stacked

NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.1)
CYANIDE = Goods("1689", "SODIUM CYANIDE", "6.1", 18.3)
LAST = 12

goods = st.sampled_from([(), (NITRATE,), (CYANIDE,), (NITRATE, CYANIDE), (NITRATE, NITRATE)])
container = st.sampled_from(["C1", "C2", "C3"])
moment = st.integers(1, LAST)
owner = st.sampled_from("AB")
number = st.sampled_from(["", "D1", "D2"])


story = st.one_of(
    st.tuples(st.just(Declared), moment, st.sampled_from(["D1", "D2"]), container, goods.filter(bool), owner),
    st.tuples(st.just(DeclarationWithdrawn), moment, st.just("D1"), container),
    st.tuples(st.just(GateIn), moment, container, number, goods),
    st.tuples(st.just(Stacked), moment, container, st.sampled_from("PQ"), st.integers(1, 2), st.just(1), st.just(1)),
    st.tuples(st.just(Inspected), moment, container, st.just(True), goods),
    st.tuples(st.just(GateOut), moment, container),
)


def read(words: list[tuple[Any, ...]]) -> list[YardEvent]:
    return [kind(f"e{each}", "y", time, *more) for each, (kind, time, *more) in enumerate(words)]


def fed(stock: Stock, yard: Yard, events: list[YardEvent]) -> None:
    for event in events:
        if yard.apply(event) is not None:
            stock.put(event.container, yard.story(event.container))


def by_hand(boxes: tuple[Box, ...], wanted: Wanted) -> dict[str, dict[str, tuple[int, int]]]:
    """Boxes and grams by each key, and of all together, counted one by one."""
    found: dict[str, dict[str, tuple[set[str], int]]] = {"un": {}, "hazard_class": {}, "owner": {}, "block": {}}
    found["all"] = {"": (set(), 0)}
    for box in boxes:
        for line in box.goods or (None,):
            keys = {
                "un": line.un if line else "", "hazard_class": line.hazard_class if line else "",
                "owner": box.consignor, "block": box.place.block if box.place else "",
                "all": "",
            }  # fmt: skip
            if any(getattr(wanted, key, None) not in (None, word) for key, word in keys.items()):
                continue
            for key, word in keys.items():
                names, grams = found[key].get(word, (set(), 0))
                found[key][word] = names | {box.container}, grams + (round(line.mass_t * 1e6) if line else 0)
    return {key: {word: (len(names), grams) for word, (names, grams) in of.items()} for key, of in found.items()}


word = st.one_of(st.none(), st.sampled_from(["1942", "1689", ""]))


@settings(max_examples=60, deadline=None)
@given(st.lists(story, max_size=14), st.randoms(use_true_random=False), st.integers(0, LAST + 1), word)
def test_at_any_moment_it_is_the_yard_replayed_from_zero(
    words: list[tuple[Any, ...]], chance: random.Random, at: int, un: str | None
) -> None:
    events = read(words)
    mixed = list(events) + events[:3]
    chance.shuffle(mixed)
    stock, yard, replay = Stock(), Yard("y"), Yard("y")
    fed(stock, yard, mixed)
    for event in sorted(events, key=lambda each: each.time):
        if event.time <= at:
            replay.apply(event)
    assert stock.at(at).boxes == replay.now().boxes
    assert stock.at(None) == yard.now()
    wanted = Wanted(un=un, owner=chance.choice([None, "A", ""]), block=chance.choice([None, None, "P"]))
    answer, counted = stock.ask(Question(at, wanted)), by_hand(replay.now().boxes, wanted)
    assert (answer.boxes, round(answer.mass_t * 1e6)) == counted["all"][""]
    for key, shares in {
        "un": answer.by_un, "hazard_class": answer.by_class, "owner": answer.by_owner, "block": answer.by_block
    }.items():  # fmt: skip
        assert {each.key: (each.boxes, round(each.mass_t * 1e6)) for each in shares} == counted[key]
    assert msgspec.json.decode(msgspec.json.encode(answer))["boxes"] == answer.boxes
    lines = stock.lines(at)
    rows = zip(*(lines.columns[name].tolist() for name in ("box", "un", "grams")), strict=True)
    assert [(lines.boxes[box], lines.words["un"].words[un], grams) for box, un, grams in rows] == [
        (box, line.un if line else "", round(line.mass_t * 1e6) if line else 0)
        for box in replay.now().boxes
        for line in box.goods or (None,)
    ]
    places = [(box.place.bay, box.place.row) if box.place else (0, 0) for box in replay.now().boxes]
    assert list(zip(lines.bay.tolist(), lines.row.tolist(), strict=True)) == places


def test_boxes_come_in_pages_in_the_order_of_their_numbers() -> None:
    stock, yard = Stock(), Yard("y")
    names = [f"C{each}" for each in range(7)]
    random.Random(2).shuffle(names)
    fed(stock, yard, [GateIn(each, "y", 5, each, goods=(CYANIDE if each == "C3" else NITRATE,)) for each in names])
    answer = stock.ask(Question(5, Wanted(un="1942"), offset=2, limit=2))
    assert [box.container for box in answer.standing] == ["C2", "C4"] and answer.boxes == 6
    assert [box.container for box in stock.ask(Question(5, limit=2)).standing] == ["C0", "C1"]
    assert stock.ask(Question(5)).standing == (), "whoever asks for no page gets none"
    assert [(each.key, each.boxes) for each in answer.by_un] == [("1942", 6)]
    assert stock.ask(Question(4)).boxes == 0 and stock.ask(Question(wanted=Wanted(un="0000"))).by_owner == ()


def test_a_bay_has_the_boxes_that_stood_in_it_then_and_none_whose_place_is_not_known() -> None:
    """Two blocks have a bay 0, where a box that was never stacked does not belong: its place is not known."""
    stock, yard = Stock(), Yard("y")
    places = {"C1": ("P", 0), "C2": ("Q", 0), "C3": ("P", 4)}
    come = [GateIn(f"i{name}", "y", 1, name, goods=(NITRATE,)) for name in (*places, "C4")]
    fed(stock, yard, [*come, *(Stacked(f"s{name}", "y", 2, name, *at, 1, 1) for name, at in places.items())])
    fed(stock, yard, [Stacked("m", "y", 8, "C1", "P", 4, 2, 1)])

    def bay(number: int, time: int | None, block: str | None = None) -> list[str]:
        answer = stock.ask(Question(time, Wanted(block=block, bay=number), limit=9))
        assert answer.boxes == len(answer.standing) and answer.mass_t == 20.1 * answer.boxes
        return [box.container for box in answer.standing]

    assert bay(0, 7) == ["C1", "C2"] and bay(4, 7) == ["C3"]
    assert bay(0, None) == ["C2"] and bay(4, None) == ["C1", "C3"]
    assert bay(0, 7, "Q") == ["C2"] and bay(4, 7, "Q") == [] and bay(0, 1) == []


def test_only_boxes_among_those_named_are_counted_and_only_the_lines_asked_for() -> None:
    stock, yard = Stock(), Yard("y")
    loads = {"C1": (NITRATE, CYANIDE), "C2": (NITRATE,), "C3": (CYANIDE,), "C4": (NITRATE,)}
    fed(stock, yard, [GateIn(f"i{name}", "y", 1, name, goods=load) for name, load in loads.items()])
    fed(stock, yard, [GateOut("o", "y", 5, "C2")])
    named = frozenset({"C1", "C2", "C3", "ELSEWHERE"})
    both = stock.ask(Question(4, Wanted(among=named), limit=9))
    assert [box.container for box in both.standing] == ["C1", "C2", "C3"]
    assert [(each.key, each.boxes, each.mass_t) for each in both.by_un] == [("1942", 2, 40.2), ("1689", 2, 36.6)]
    nitrate = stock.ask(Question(5, Wanted(un="1942", among=named), limit=9))
    assert ([box.container for box in nitrate.standing], nitrate.mass_t) == (["C1"], 20.1)
    nobody = stock.ask(Question(4, Wanted(among=frozenset()), limit=9))
    assert (nobody.boxes, nobody.standing) == (0, ()), "none named is none, not all"


def test_those_named_come_first_on_the_first_page_and_each_box_is_on_one_page_alone() -> None:
    stock, yard = Stock(), Yard("y")
    fed(stock, yard, [GateIn(f"i{each}", "y", 1, f"C{each}", goods=(NITRATE,)) for each in range(7)])
    first = frozenset({"C5", "C3", "GONE"})
    pages = [stock.ask(Question(1, offset=offset, limit=3, first=first)).standing for offset in (0, 3, 6)]
    assert [[box.container for box in page] for page in pages] == [["C3", "C5", "C0"], ["C1", "C2", "C4"], ["C6"]]
    assert {stock.ask(Question(1, limit=3, first=each)).boxes for each in (first, frozenset())} == {7}


def test_lines_stand_by_box_and_in_a_box_as_they_were_declared() -> None:
    """Boxes that came last to first, each with several lines; one of them with more, one with none."""
    stock, yard = Stock(), Yard("y")
    loads = {"C3": (NITRATE, CYANIDE), "C2": (), "C1": (CYANIDE, NITRATE, CYANIDE), "C0": (NITRATE, CYANIDE)}
    fed(stock, yard, [GateIn(name, "y", 5, name, goods=load) for name, load in loads.items()])
    lines = stock.lines(5)
    assert [box.container for box in lines.boxes] == ["C0", "C1", "C2", "C3"]
    said = [lines.words["un"].words[each] for each in lines.columns["un"].tolist()]
    assert lines.columns["box"].tolist() == [0, 0, 1, 1, 1, 2, 3, 3]
    assert said == ["1942", "1689", "1689", "1942", "1689", "", "1942", "1689"]
    nobody = stock.lines(4)
    assert nobody.boxes == () and not len(nobody.columns["box"])


def test_what_is_known_of_a_box_is_not_written_again() -> None:
    """A yard tells a box's whole story at each event; only what the event has changed is written."""

    class Counted(Stock):
        written = 0

        def _keep(self, start: int, end: int, box: Box) -> Any:
            self.written += 1
            return super()._keep(start, end, box)

    stock, yard = Counted(), Yard("y")
    for each in range(1, 21):
        fed(stock, yard, [Stacked(f"s{each}", "y", each, "C1", f"B{each}", 1, 1, 1)])
    assert stock.written == 1 + 2 * 19, "the new span, and the one before it, which now has an end"


def test_a_box_that_comes_and_goes_leaves_its_rows_to_others() -> None:
    """Late events replace spans; rows and boxes are used again, so the columns grow with the story alone."""
    stock, yard = Stock(), Yard("y")
    for each in range(200):
        fed(stock, yard, [Stacked(f"s{each}", "y", 1000 - each, "C1", f"B{each}", 1, 1, 1)])
    assert stock.at(None) == yard.now() and len(stock.at(901).boxes) == 1
    assert stock._rows <= 2 * 200 and len(stock._boxes) == stock._rows
