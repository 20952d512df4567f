"""The matcher held against one that tries everything; and happenings put back in order."""

from dataclasses import dataclass, replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.sequences.happening import Happening
from detectors.sequences.matcher import Match, Matcher, Standing
from detectors.sequences.reorder import Reorder
from topics.event_sequence import EventSequence, StepPattern
from topics.finding import Text

END = 200_000


def word(time_s: int, what: str, site: str = "a", number: int = 0) -> Happening:
    return Happening(time_s * 1000, f"{what}{number}", "finding", what, site, "q", phase="open")


def reading(time_s: int, value: float, device: str = "d") -> Happening:
    return Happening(time_s * 1000, f"r/{device}", "reading", "Rtd", "a", "gas", device, value=value)


def step(what: str) -> StepPattern:
    return StepPattern(Text(what, what), finding=what)


def sequence(steps: str, absent: str = "", **times: float) -> EventSequence:
    return EventSequence(Text("s", "s"), "red", tuple(map(step, steps)), absent=tuple(map(step, absent)), **times)  # type: ignore[arg-type]


def play(declared: EventSequence, happenings: list[Happening], end_s: int = END // 1000) -> list[Match]:
    matcher = Matcher(declared)
    found = [match for each in happenings for match in matcher.take(each)]
    return found + matcher.until(end_s * 1000)


def told(matches: list[Match]) -> list[tuple[str, float, float]]:
    return [("close" if each.closed else "open", each.opened / 1000, each.time / 1000) for each in matches]


def test_order_matters_and_the_time_between_the_steps() -> None:
    pair = sequence("AB", within_s=10, lasts_s=5)
    assert told(play(pair, [word(0, "A"), word(9, "B")])) == [("open", 9, 9), ("close", 9, 14)]
    assert play(pair, [word(0, "B"), word(9, "A")]) == []
    assert play(pair, [word(0, "A"), word(11, "B")]) == []
    assert told(play(pair, [word(0, "A"), word(10, "B")]))[0] == ("open", 10, 10), "in the last moment is in time"
    assert told(play(pair, [word(0, "A"), word(5, "A"), word(14, "B")]))[0] == ("open", 14, 14), "the later A counts"
    assert play(pair, [word(0, "A", "here"), word(1, "B", "there")]) == []


def test_a_millisecond_after_the_last_moment_is_too_late() -> None:
    def late(what: str, second: int) -> Happening:
        return replace(word(second, what), time=second * 1000 + 1)

    assert play(sequence("AB", within_s=10), [word(0, "A"), late("B", 10)]) == []
    unanswered = sequence("AB", "X", within_s=60, absent_s=30)
    found = play(unanswered, [word(0, "A"), word(1, "B"), late("X", 31)])
    assert told(found) == [("open", 1, 31), ("close", 1, 31.001)]


def test_what_comes_while_a_finding_stands_is_part_of_it_and_begins_nothing() -> None:
    lasting = sequence("A", lasts_s=10)
    found = play(lasting, [word(0, "A"), word(5, "A"), word(15, "A")])
    assert told(found) == [("open", 0, 0), ("close", 0, 10), ("open", 15, 15), ("close", 15, 25)]


def test_a_key_at_which_nothing_counts_is_not_remembered() -> None:
    matcher = Matcher(sequence("AB", "X", within_s=60))
    assert matcher.take(word(0, "C")) == [] and not matcher._keys


def test_what_must_stay_away_calls_it_off_ends_it_and_begins_the_wait_anew() -> None:
    unanswered = sequence("AB", "X", within_s=60, absent_s=30)
    assert told(play(unanswered, [word(0, "A"), word(1, "B")])) == [("open", 1, 31)]
    assert play(unanswered, [word(0, "A"), word(1, "B"), word(31, "X")]) == [], "in the last moment is in time"
    assert play(unanswered, [word(0, "A"), word(1, "X"), word(2, "B")]) == [], "it came between the steps"
    assert told(play(unanswered, [word(0, "A"), word(1, "B"), word(32, "X")])) == [("open", 1, 31), ("close", 1, 32)]
    again = [word(0, "A"), word(1, "B"), word(20, "B", number=1)]
    assert told(play(unanswered, again)) == [("open", 1, 31)], "seen again it does not wait longer"


def test_what_has_begun_and_what_stands_is_counted_by_key() -> None:
    matcher, counts = Matcher(sequence("AB", "X", within_s=60, absent_s=30, lasts_s=5)), []
    for each in (word(0, "A"), word(0, "A", "b"), word(1, "B"), word(2, "X", "b")):
        matcher.take(each)
        counts.append((matcher.partial, matcher.open))
    for second in (31, 36):
        matcher.until(second * 1000)
        counts.append((matcher.partial, matcher.open))
    assert counts == [(1, 0), (2, 0), (2, 0), (1, 0), (0, 1), (0, 0)]


def test_a_reading_that_turns_is_one_that_was_not_so_before() -> None:
    off = StepPattern(Text("off", "off"), reading="gas", below=0.5, turns=True)
    turned = EventSequence(Text("s", "s"), "red", (off,), lasts_s=5)
    assert play(turned, [reading(0, 0.0), reading(1, 0.0)]) == [], "nobody knows what it was before"
    assert told(play(turned, [reading(0, 1.0), reading(1, 0.0)])) == [("open", 1, 1), ("close", 1, 6)]
    assert play(turned, [reading(0, 1.0), reading(1, 0.0, "another")]) == []
    assert play(turned, [reading(0, 1.0), reading(1, 1.0)]) == [], "it still is not so"


def test_nothing_comes_of_what_nobody_can_be_told_of() -> None:
    assert play(sequence("AB", within_s=60), [word(0, "A", ""), word(1, "B", "")]) == []


def test_what_an_earlier_run_has_said_stands_from_its_opening_and_is_not_said_again() -> None:
    """Two findings of site a are recalled: one that stood from 100 s to 160 s, one that stands from 200 s on."""
    matcher = Matcher(sequence("AB", "X", within_s=120))
    matcher.recall("a", Standing(100_000, (), 160_000))
    matcher.recall("a", Standing(200_000, (), None))
    assert matcher.take(word(95, "A")) == [] and (matcher.partial, matcher.open) == (1, 0), "it has not opened yet"
    assert matcher.until(100_000) == [] and (matcher.partial, matcher.open) == (0, 1), "what had begun is part of it"
    assert matcher.take(word(110, "B")) == []
    assert told(matcher.until(160_000)) == [("close", 100, 160)] and matcher.open == 0
    assert matcher.take(word(161, "B")) == [], "the A before it is used up"
    assert matcher.until(10_000_000) == [] and matcher.open == 1, "the second has no end of its own"
    (closed,) = matcher.take(word(20_000, "X"))
    assert told([closed]) == [("close", 200, 20_000)] and closed.by == word(20_000, "X") and closed.chain == ()
    again = [each for time, what in ((20_001, "A"), (20_002, "B")) for each in matcher.take(word(time, what))]
    assert told(again) == [("open", 20_002, 20_002)]


def test_a_recalled_finding_can_end_in_the_moment_it_opened() -> None:
    matcher = Matcher(sequence("AB", "X", within_s=60))
    matcher.recall("a", Standing(96_000, (), None))
    assert told(matcher.take(word(96, "X"))) == [("close", 96, 96)] and matcher.open == 0


def test_an_end_that_an_earlier_run_has_said_is_not_said_again() -> None:
    by_time, by_word = Matcher(sequence("AB", "X", within_s=60)), Matcher(sequence("AB", "X", within_s=60))
    for each in (by_time, by_word):
        each.recall("a", Standing(100_000, (), 160_000, said=True))
    assert by_time.until(159_999) == [] and by_time.open == 1
    assert by_time.until(160_000) == [] and by_time.open == 0
    assert by_word.take(word(120, "X")) == [] and by_word.open == 0


def test_what_must_stay_away_and_is_told_too_late_ends_what_its_absence_has_made() -> None:
    def stands(*more: Happening, end_s: int = 36) -> Matcher:
        matcher = Matcher(sequence("AB", "X", within_s=60, absent_s=30))
        for each in (word(5, "A"), word(6, "B"), *more):
            matcher.take(each)
        matcher.until(end_s * 1000)
        return matcher

    matcher = stands()
    for unused in (word(4, "X"), word(20, "A"), word(20, "X", "b")):
        assert matcher.late(unused) == (False, []) and matcher.open == 1, unused
    used, (closed,) = matcher.late(word(20, "X"))
    assert used and closed == Match("a", 6000, 20_000, (word(5, "A"), word(6, "B")), True, word(20, "X"), True)
    assert matcher.open == 0 and matcher.late(word(21, "X")) == (False, []), "nothing stands any more"
    used, found = stands().late(word(5, "X"))
    assert used and told(found) == [("close", 6, 6)], "it never ends before it opened"
    waits = stands(end_s=35)
    assert waits.late(word(4, "X")) == (False, []) and waits.late(word(7, "X")) == (True, [])
    assert waits.until(END) == [], "it is called off while it waits"


def test_a_reading_that_comes_too_late_ends_only_what_it_holds_for() -> None:
    off = StepPattern(Text("off", "off"), reading="gas", below=0.5)
    matcher = Matcher(msgspec.structs.replace(sequence("A", within_s=60, absent_s=30), absent=(off,)))
    assert matcher.take(word(5, "A")) == [] and told(matcher.until(35_000)) == [("open", 5, 35)]
    assert matcher.late(reading(20, 1.0)) == (False, [])
    used, found = matcher.late(reading(20, 0.0))
    assert used and told(found) == [("close", 5, 20)]


def test_of_a_recalled_finding_its_opening_is_all_that_is_known_of_its_beginning() -> None:
    matcher = Matcher(sequence("AB", "X", within_s=60, absent_s=30))
    matcher.recall("a", Standing(100_000, (), None))
    matcher.until(130_000)
    assert matcher.late(word(99, "X")) == (False, [])
    used, found = matcher.late(word(100, "X"))
    assert used and told(found) == [("close", 100, 100)]


@dataclass
class Naive:
    """Looks for every chain there is, again and again."""

    declared: EventSequence
    happenings: list[Happening]

    def matches(self) -> list[tuple[str, float, float]]:
        found, at, absent = [], 0, round(1000 * self.declared.absent_s)
        while (done := self._first_complete(at)) is not None:
            opened = self.happenings[done].time
            due = opened + absent
            away = [n for n in range(done + 1, len(self.happenings)) if self._hits(n, self.declared.absent)]
            off = next((n for n in away if absent and self.happenings[n].time <= due), None)
            if off is not None:
                at = off
                continue
            if due > END:
                break
            found.append(("open", opened / 1000, due / 1000))
            ends = due + round(1000 * self.declared.lasts_s) if self.declared.lasts_s else END + 1
            by = next((n for n in away if self.happenings[n].time <= ends), None)
            if by is None and ends > END:
                break
            closed = self.happenings[by].time if by is not None else ends
            found.append(("close", opened / 1000, closed / 1000))
            at = by if by is not None else sum(each.time <= ends for each in self.happenings)
        return found

    def _first_complete(self, start: int) -> int | None:
        """The first place where a chain of steps is complete that begins at ``start`` or later."""
        return next((end for end in range(start, len(self.happenings)) if self._chain(start, end)), None)

    def _chain(self, start: int, end: int) -> bool:
        steps = self.declared.steps
        within = round(1000 * self.declared.within_s)
        return any(
            self.happenings[end].time - self.happenings[first].time <= within
            and not any(self._hits(n, self.declared.absent) for n in range(first + 1, end + 1))
            and self._fits(0, first, end)
            for first in range(start, end + 1)
            if self._hits(first, steps[:1])
        )

    def _fits(self, number: int, at: int, end: int) -> bool:
        steps = self.declared.steps
        if not self._hits(at, steps[number : number + 1]):
            return False
        if number == len(steps) - 1:
            return at == end
        return any(self._fits(number + 1, later, end) for later in range(at + 1, end + 1))

    def _hits(self, place: int, patterns: tuple[StepPattern, ...]) -> bool:
        return any(each.finding == self.happenings[place].what for each in patterns)


HAPPENINGS = st.lists(st.tuples(st.integers(0, 25), st.sampled_from("ABCX"), st.sampled_from("ab")), max_size=14).map(
    lambda rows: sorted((word(t, w, s, n) for n, (t, w, s) in enumerate(rows)), key=lambda h: (h.time, h.name))
)
SEQUENCES = st.builds(
    lambda steps, within, absent_s, lasts: sequence(steps, "X", within_s=within, absent_s=absent_s, lasts_s=lasts),
    st.sampled_from(["A", "AB", "ABC", "AA", "ABA"]),
    st.integers(1, 30),
    st.sampled_from([0, 5, 20]),
    st.sampled_from([0, 10]),
)


@given(SEQUENCES, HAPPENINGS)
def test_it_finds_what_trying_everything_finds(declared: EventSequence, happenings: list[Happening]) -> None:
    for site in "ab":
        mine = [each for each in happenings if each.site == site]
        found = [each for each in play(declared, happenings) if each.key == site]
        assert told(found) == Naive(declared, mine).matches()


def test_what_comes_out_of_order_is_put_in_order_and_what_is_too_late_is_told() -> None:
    order = Reorder(10_000)
    assert order.put(word(5, "B")) and order.put(word(3, "A")) and order.put(word(3, "A"))
    assert order.advance(12_000) == []
    assert [each.what for each in order.advance(15_000)] == ["A", "B"]
    assert not order.put(word(4, "C")), "its time is over"
    assert order.put(word(6, "C"))


def test_no_more_wait_than_may() -> None:
    order = Reorder(10_000, most=4)
    for number in range(6):
        order.put(word(number + 1, "A", number=number))
    assert [each.time for each in order.press()] == [1000, 2000, 3000, 4000] and order.pressed == 4
    assert order.press() == [] and not order.put(word(4, "B"))
