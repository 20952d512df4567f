"""A declaration from form to ship: what each state allows, every version kept, and boxes reported in any order."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from records.declaration_awaited import lapses, refuse_late_answer
from records.declaration_events import Amended, Cancelled, Entered, Event, Seen, Signed, TurnedDown
from records.declaration_form import Form, check_digit
from records.declaration_life import fold, step
from records.refused import Refused
from topics.events import Goods
from topics.finding import Text

HOUR = 3_600_000
T = 1_438_000_000_000
BOTH = ("transport", "emergency")
WHY = Text("不许可", "not permitted")


def form(un: str = "1942", container: str = "CSQU3054383") -> Form:
    return Form("yard", container, (Goods(un, "X", "5.1", 20.0),), "Firm A", "8888", T + 30 * HOUR)


def entered(at: int = T) -> Entered:
    return Entered(at, "Li", form(), BOTH, at + 2 * HOUR)


def amended(at: int) -> Amended:
    return Amended(at, "Li", form("1486"), "other goods", BOTH, at + 2 * HOUR)


def accepted() -> list[Event]:
    return [entered(), Signed(T + 1, "Wu", "transport"), Signed(T + 2, "Sun", "emergency")]


JOURNEY: list[Event] = [
    Seen(T + 10, "i", "gate-in"),
    Seen(T + 11, "s1", "stacked", ("A", 1, 2, 1)),
    Seen(T + 12, "s2", "stacked", ("B", 3, 4, 1)),
    Seen(T + 13, "n", "opened"),
    Seen(T + 14, "o", "loaded", detail="MV Test"),
]


def test_the_whole_way_from_declared_to_loaded() -> None:
    states = [fold(([*accepted(), *JOURNEY])[:count]).state for count in range(1, 9)]
    assert states == ["declared", "declared", "accepted", "gate-in", "stacked", "moved", "opened", "loaded"]
    there = fold([*accepted(), *JOURNEY[:4]])
    assert there.place == ("B", 3, 4, 1) and not there.unlawful and not there.closed
    assert fold([*accepted(), *JOURNEY]).closed and fold([*accepted(), *JOURNEY]).place is None


def test_boxes_reported_in_any_order_and_twice_stand_the_same() -> None:
    expected = fold([*accepted(), *JOURNEY])
    for seed in range(20):
        told = JOURNEY * 2
        random.Random(seed).shuffle(told)
        assert fold([*accepted(), *told]) == expected


def test_one_authority_is_not_enough_and_one_person_is_not_two() -> None:
    half = fold(accepted()[:2])
    assert (half.state, half.newest.open, half.in_force) == ("declared", ("emergency",), None)
    with pytest.raises(Refused, match="same person"):
        step(half, Signed(T + 5, "Wu", "emergency"))
    with pytest.raises(Refused, match="signed already"):
        step(half, Signed(T + 5, "Sun", "transport"))
    with pytest.raises(Refused, match="not asked"):
        step(half, Signed(T + 5, "Sun", "customs"))


def test_a_refusal_by_one_is_a_refusal_and_an_amendment_begins_anew() -> None:
    refused = fold([*accepted()[:2], TurnedDown(T + 3, "Sun", "emergency", WHY)])
    assert (refused.state, refused.newest.answered) == ("refused", T + 3)
    with pytest.raises(Refused, match="answered"):
        step(refused, Signed(T + 4, "Sun", "emergency"))
    again = step(refused, amended(T + 5))
    assert (again.state, again.newest.number, again.newest.open) == ("declared", 2, BOTH)
    assert [each.answer for each in again.versions] == ["refused", "declared"]


def test_what_was_accepted_holds_until_the_amendment_is_accepted_too() -> None:
    pending = fold([*accepted(), amended(T + 5)])
    assert pending.in_force is not None and pending.in_force.number == 1 and pending.state == "declared"
    done = fold([*accepted(), amended(T + 5), Signed(T + 6, "Wu", "transport"), Signed(T + 7, "Sun", "emergency")])
    assert done.in_force is not None and done.in_force.form.goods[0].un == "1486"
    turned = fold([*accepted(), amended(T + 5), TurnedDown(T + 6, "Wu", "transport", WHY)])
    assert turned.in_force is not None and turned.in_force.number == 1


def test_a_box_that_came_can_be_amended_but_not_taken_back() -> None:
    here = fold([*accepted(), JOURNEY[0]])
    with pytest.raises(Refused, match="amended, not taken back"):
        step(here, Cancelled(T + 20, "Li", "no"))
    assert step(here, amended(T + 20)).state == "gate-in"
    gone = fold([*accepted(), *JOURNEY])
    with pytest.raises(Refused, match="has left"):
        step(gone, amended(T + 20))
    taken_back = fold([*accepted(), Cancelled(T + 3, "Li", "no")])
    assert (taken_back.state, taken_back.in_force, taken_back.closed) == ("cancelled", None, True)
    assert len(taken_back.versions) == 1  # kept


@pytest.mark.parametrize(
    "before",
    [[entered()], [entered(), TurnedDown(T + 3, "Wu", "transport", WHY)], [*accepted(), Cancelled(T + 3, "Li", "no")]],
    ids=["unanswered", "refused", "taken back"],
)
def test_a_box_that_comes_without_acceptance_is_taken_and_marked(before: list[Event]) -> None:
    assert fold([*before, Seen(T + 10, "i", "gate-in")]).unlawful
    assert not fold([*accepted(), Seen(T + 10, "i", "gate-in")]).unlawful


def test_the_check_digit_of_a_container() -> None:
    assert check_digit("CSQU3054383") == 3  # the example of ISO 6346
    assert check_digit("YARD-1") is None


@dataclass
class Oracle:
    """What must hold, kept without folding: answers by version, and whether the box came or left."""

    answers: list[dict[str, str]] = field(default_factory=lambda: [{}])
    refused: list[bool] = field(default_factory=lambda: [False])
    cancelled: bool = False
    came: bool = False
    left: bool = False

    def word(self, version: int) -> str:
        signed = len(self.answers[version]) == 2
        return "refused" if self.refused[version] else "accepted" if signed else "declared"


class Life(RuleBasedStateMachine):
    """People and gates do anything at any time; only what the oracle allows changes the declaration."""

    def __init__(self) -> None:
        super().__init__()
        self.declaration = fold([entered()])
        self.oracle = Oracle()
        self.now = T
        self.count = 0

    def apply(self, event: Event, allowed: bool) -> None:
        before = self.declaration
        try:
            refuse_late_answer(before, event)
            self.declaration = step(before, event)
        except Refused as refusal:
            assert not allowed, f"{event} was refused: {refusal}"
            assert refusal.text.zh and refusal.text.en
        else:
            assert allowed, f"{event} was taken in state {before.state}"

    def tick(self) -> int:
        self.now += 1000
        return self.now

    @rule(authority=st.sampled_from([*BOTH, "customs"]), who=st.sampled_from(["Wu", "Sun"]))
    def sign(self, authority: str, who: str) -> None:
        o, signed = self.oracle, self.oracle.answers[-1]
        allowed = (
            not o.cancelled and not o.left and o.word(-1) == "declared" and authority in BOTH
            and authority not in signed and who not in signed.values()
        )  # fmt: skip
        self.apply(Signed(self.tick(), who, authority), allowed)
        if allowed:
            signed[authority] = who

    @rule(authority=st.sampled_from([*BOTH, "customs"]))
    def refuse(self, authority: str) -> None:
        o = self.oracle
        allowed = (
            not o.cancelled and not o.left and o.word(-1) == "declared" and authority in BOTH
            and authority not in o.answers[-1]
        )  # fmt: skip
        self.apply(TurnedDown(self.tick(), "Wu", authority, WHY), allowed)
        if allowed:
            o.refused[-1] = True

    @precondition(lambda self: len(self.oracle.answers) < 5)
    @rule(same=st.booleans())
    def amend(self, same: bool) -> None:
        o = self.oracle
        now = self.tick()
        event = amended(now) if same else Amended(now, "Li", form(container="MSKU0000000"), "x", BOTH, now + HOUR)
        allowed = not o.cancelled and not o.left and same
        self.apply(event, allowed)
        if allowed:
            o.answers.append({})
            o.refused.append(False)

    @rule()
    def cancel(self) -> None:
        o = self.oracle
        allowed = not o.cancelled and not o.came
        self.apply(Cancelled(self.tick(), "Li", "x"), allowed)
        o.cancelled |= allowed

    @rule(what=st.sampled_from(["gate-in", "stacked", "inspected", "gate-out", "loaded"]), again=st.booleans())
    def see(self, what: str, again: bool) -> None:
        if self.oracle.left and what != "gate-out":
            return  # the desk gives what comes after a box has left to the next declaration
        self.count += not again
        name = f"e{self.count}"
        known = {each.event for each in self.declaration.seen}
        self.apply(Seen(self.tick(), name, what, ("A", 1, 1, 1) if what == "stacked" else None), True)  # type: ignore[arg-type]
        self.oracle.came = True
        if name not in known:
            self.oracle.left |= what in ("gate-out", "loaded")

    @rule(hours=st.integers(0, 5))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR
        found = lapses(self.declaration, ("leader", "city"), HOUR, self.now)
        for climbed in found:
            self.apply(climbed, True)
        assert lapses(self.declaration, ("leader", "city"), HOUR, self.now) == []

    @invariant()
    def agrees(self) -> None:
        o, d = self.oracle, self.declaration
        assert [each.answer for each in d.versions] == [o.word(number) for number in range(len(o.answers))]
        assert (d.cancelled is not None) == o.cancelled and (d.came is not None) == o.came and d.gone == o.left
        good = [number + 1 for number in range(len(o.answers)) if o.word(number) == "accepted"]
        assert (d.in_force.number if d.in_force else None) == (good[-1] if good and not o.cancelled else None)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
