"""The yard's judge: one condition is one finding, whatever the order; a replay says the same, byte for byte."""

import random
from typing import Any

import msgspec
import pytest

from detectors.base import Outcome
from detectors.rules.segregation import Hazard, Standing
from streams.judges import EVENT_JUDGES
from streams.judges.yard import AHEAD_MS, YardJudge
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.events import Custody, Declared, Event, GateIn, GateOut, Goods, Manifested, Observed, Stacked
from topics.finding import Finding, finding_id
from topics.goods import load_goods

MINUTE = 60_000
T = 1_438_000_000_000
FACTS: dict[str, Any] = {
    "critical_quantities": {
        "1942": {"q_t": 50.0, "beta": 1.0, "source": "test", "confirmed": True},
        "1689": {"q_t": 50.0, "beta": 2.0, "source": "test", "confirmed": True},
    },
    "alpha": {"value": 2.0, "source": "test", "confirmed": True},
    "permits": {"yard": {"1689": {"permit_t": 100.0, "design_t": 200.0, "source": "test", "confirmed": True}}},
}
GROUPS = {un: entry.groups for un, entry in load_goods().items()}


def pack(**facts: Any) -> Domain:
    return msgspec.convert(
        {
            "name": "cargo",
            "title": {"zh": "危货", "en": "Cargo"},
            "order": 2,
            "cap_category": "CBRNE",
            "quantities": {},
            "detectors": {},
            "routes": [],
            "guidance": {},
            "events": True,
            "facts": {**FACTS, **facts},
        },
        Domain,
    )


class Play:
    """A judge fed with events one after the other, and all it said."""

    def __init__(self, domain: Domain | None = None) -> None:
        self.judge = YardJudge(domain or pack(), 0)
        self.offset = 0
        self.said: list[Finding] = []

    def __call__(self, *events: Event) -> list[Finding]:
        return self._said([self.judge.apply(event, self._next(), 1) for event in events])

    def tick(self, minute: float) -> list[Finding]:
        return self._said([self.judge.tick(at(minute), self._next(), 1)])

    def _next(self) -> int:
        self.offset += 1
        return self.offset

    def _said(self, outcomes: list[Outcome]) -> list[Finding]:
        new = [finding for outcome in outcomes for finding in outcome.findings]
        self.said += new
        return new

    def open(self, rule: str) -> set[str]:
        """Subjects of the rule whose last finding is not a close."""
        last = {each.subject: each for each in self.said if each.detector == rule}
        return {subject for subject, each in last.items() if each.phase != "close"}


def at(minute: float) -> int:
    return T + int(MINUTE * minute)


def line(un: str, mass: float) -> Goods:
    entry = load_goods()[un]
    return Goods(un, entry.title.en, entry.hazard_class, mass, entry.subsidiary, entry.packing_group)


def come(container: str, un: str, mass: float, minute: int, site: str = "yard") -> list[Event]:
    return [
        Declared(
            f"{container}-d{minute}", site, at(minute), f"D-{container}-{minute}", container, (line(un, mass),), "A"
        ),
        GateIn(f"{container}-i{minute}", site, at(minute), container, f"D-{container}-{minute}"),
    ]


def stack(container: str, minute: int, bay: int, row: int = 0, tier: int = 1, block: str = "A") -> Stacked:
    return Stacked(f"{container}-s{minute}-{bay}-{row}", "yard", at(minute), container, block, bay, row, tier)


def of(findings: list[Finding], rule: str) -> list[tuple[str, str]]:
    return [(each.phase, each.severity) for each in findings if each.detector == rule]


def test_the_grade_climbs_as_one_finding_and_falls_when_the_goods_leave() -> None:
    play = Play()
    play(*come("C1", "1942", 40, 0))
    assert play.open("yard-hazard-grade") == set()
    (opened,) = [each for each in play(*come("C2", "1942", 100, 1)) if each.family == "hazard-grade"]
    assert (opened.phase, opened.seq, opened.severity, opened.opened) == ("open", 0, "blue", at(1))
    assert opened.id == finding_id("yard-hazard-grade", 1, "yard", at(1))
    steps = [play(*come(f"C{10 + i}", "1942", mass, 2 + i)) for i, mass in enumerate((200, 1000, 1300))]
    said = [each for step in steps for each in step if each.family == "hazard-grade"]
    assert [(each.phase, each.seq, each.severity, each.facts["grade"]) for each in said] == [
        ("update", 1, "yellow", 3),
        ("update", 2, "orange", 2),
        ("update", 3, "red", 1),
    ]
    assert {each.id for each in said} == {opened.id}
    assert said[-1].value == pytest.approx(2 * 2640 / 50)
    for i, name in enumerate(("C1", "C2", "C10", "C11", "C12")):
        last = play(GateOut(f"out{i}", "yard", at(100 + i), name))
    (closed,) = [each for each in last if each.family == "hazard-grade"]
    assert (closed.phase, closed.closed, closed.id) == ("close", at(104), opened.id)


def test_the_text_gives_the_sum_term_by_term_in_both_languages() -> None:
    play = Play()
    play(*come("C1", "1942", 800, 0), *come("C2", "1689", 360, 1), *come("C3", "1823", 5, 2))
    last = [each for each in play.said if each.family == "hazard-grade"][-1]
    assert "UN 1942 硝酸铵 1×800 t/50 t=16" in last.text.zh and "GB 18218-2018" in last.text.zh
    assert "UN 1689 Sodium cyanide, solid 2×360 t/50 t=14.4" in last.text.en
    assert last.facts["UN 1942"] == "q 800 t, Q 50 t, beta 1, q/Q 16, beta q/Q 16"


def test_over_storage_by_permit_design_and_none_at_all() -> None:
    play = Play()
    assert of(play(*come("C1", "1689", 79, 0)), "yard-over-storage") == []
    assert of(play(*come("C2", "1689", 1, 1)), "yard-over-storage") == [("open", "yellow")]
    assert of(play(*come("C3", "1689", 30, 2)), "yard-over-storage") == [("update", "orange")]
    assert of(play(*come("C4", "1689", 100, 3)), "yard-over-storage") == [("update", "red")]
    (nitrate,) = [each for each in play(*come("C5", "1942", 1, 4)) if each.family == "over-storage"]
    assert (nitrate.severity, nitrate.subject, nitrate.quantity) == ("red", "yard/UN1942", "UN1942")
    assert "无此品种许可" in nitrate.text.zh
    assert of(play(GateOut("o", "yard", at(9), "C5")), "yard-over-storage") == [("close", "red")]
    assert of(play(*come("C6", "1942", 500, 10, "elsewhere")), "yard-over-storage") == []


def test_a_conflict_opens_moves_and_closes_with_the_boxes() -> None:
    play = Play()
    play(*come("C1", "1428", 1, 0), stack("C1", 1, 0), *come("C2", "1942", 1, 2))
    assert play.open("yard-segregation") == set()
    said = play(stack("C2", 3, 1))
    assert of(said, "yard-segregation") == [("open", "orange")]
    assert of(play(stack("C2", 4, 2)), "yard-segregation") == [("close", "orange")]
    assert of(play(stack("C2", 5, 1, tier=2)), "yard-segregation") == [("open", "orange")]
    again = play.said[-1]
    assert again.id != said[-1].id and again.subject == said[-1].subject == "yard/C1+C2"
    assert of(play(GateOut("o", "yard", at(9), "C1")), "yard-segregation") == [("close", "orange")]


def test_two_episodes_in_the_same_instant_have_two_ids() -> None:
    play = Play()
    play(*come("C1", "1428", 1, 0), *come("C2", "1942", 1, 0), stack("C1", 1, 0), stack("C2", 1, 1))
    play(stack("C2", 1, 5, row=1), stack("C2", 1, 1, row=2))
    opened = [each for each in play.said if each.detector == "yard-segregation" and each.phase == "open"]
    assert len({each.id for each in opened}) == len(opened)
    keys = [(each.id, each.seq) for each in play.said]
    assert len(set(keys)) == len(keys)


def test_undeclared_after_the_grace_by_city_time_and_over_when_the_papers_come() -> None:
    play = Play()
    assert play(GateIn("e1", "yard", at(0), "C1", goods=(line("1942", 1),)), GateIn("e2", "yard", at(0), "C2")) != []
    assert play.open("yard-undeclared") == set()
    play.tick(4.9)
    assert play.open("yard-undeclared") == set()
    said = play.tick(5.0)
    assert [(each.subject, each.severity) for each in said] == [("yard/C1", "orange"), ("yard/C2", "yellow")]
    play.tick(4.0)
    assert play.tick(6.0) == []
    late = Declared("e3", "yard", at(6), "D1", "C1", (line("1942", 1),), "A")
    assert of(play(late), "yard-undeclared") == [("close", "orange")]
    assert of(play(GateOut("e4", "yard", at(7), "C2")), "yard-undeclared") == [("close", "yellow")]


def test_papers_within_the_grace_tell_nobody() -> None:
    play = Play()
    play(GateIn("e1", "yard", at(0), "C1"), Declared("e2", "yard", at(3), "D1", "C1", (line("1942", 1),), "A"))
    play.tick(60)
    assert [each for each in play.said if each.family == "undeclared"] == []


def test_a_box_with_an_ordinary_waybill_is_awaited_no_declaration_until_the_gate_sees_dangerous_goods() -> None:
    play = Play()
    play(Manifested("m1", "yard", at(0), "C1", ("paper",)), GateIn("i1", "yard", at(5), "C1"))
    play(GateIn("i2", "yard", at(5), "C2"))
    play(Manifested("m3", "yard", at(0), "C3", ("salt",)), GateIn("i3", "yard", at(5), "C3", goods=(line("1942", 2),)))
    play.tick(30)
    assert play.open("yard-undeclared") == {"yard/C2", "yard/C3"}
    play(Manifested("m2", "yard", at(31), "C2", ("toys",)))
    assert play.open("yard-undeclared") == {"yard/C3"}


def test_a_pack_adds_goods_and_says_others_otherwise() -> None:
    row = {"title": {"zh": "涂料", "en": "PAINT"}, "hazard_class": "3", "source": "the test", "confirmed": True}
    assert YardJudge(pack(goods={"1263": row}), 0).goods["1263"].title.en == "PAINT"
    with pytest.raises(ConfigurationError, match=r"facts\.goods\.1263: .*hazard_class"):
        YardJudge(pack(goods={"1263": {"title": row["title"], "source": "the test", "confirmed": True}}), 0)


def test_fire_is_red_once_and_ends_with_all_clear() -> None:
    play = Play()
    play.tick(0)
    fire = Observed("e1", "yard", at(1), "fire", "camera 3", "A-01")
    assert of(play(fire, fire, Observed("e2", "yard", at(2), "fire", "patrol", "A-01")), "yard-observed") == [
        ("open", "red")
    ]
    assert of(play(Observed("e3", "yard", at(2), "swarm-of-bees")), "yard-observed") == [("open", "orange")]
    assert of(play(Observed("e4", "yard", at(3), "clear", subject="A-01")), "yard-observed") == [("close", "red")]
    assert of(play(Observed("e5", "yard", at(4), "clear")), "yard-observed") == [("close", "orange")]


def test_a_repeat_says_nothing_and_custody_is_not_judged() -> None:
    play = Play()
    events = come("C1", "1942", 100, 0)
    assert play(*events)
    assert play(*events) == []
    assert play(Custody("e", "yard", at(0), {})) == []


def test_an_event_ahead_of_city_time_is_refused_and_changes_nothing() -> None:
    judge = YardJudge(pack(), 0)
    judge.tick(at(0), 0, 0)
    ahead = GateIn("e1", "yard", at(0) + AHEAD_MS + 1, "C1")
    assert [each.reason for each in judge.apply(ahead, 1, 0).rejects] == ["time_ahead"]
    assert len(judge.yard("yard")) == 0
    assert judge.apply(GateIn("e1", "yard", at(0) + AHEAD_MS, "C1"), 2, 0).rejects == []


def test_a_broken_fact_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r'critical_quantities\."1942".*q_t above 0'):
        YardJudge(pack(critical_quantities={"1942": {"q_t": 0}}), 0)
    with pytest.raises(ConfigurationError, match=r"facts\.permits: expected a table"):
        YardJudge(pack(permits=3), 0)


def test_without_facts_nothing_is_guessed() -> None:
    play = Play(pack(critical_quantities={}, permits={}))
    play(*come("C1", "1942", 9000, 0))
    assert play.said == []


def random_log(seed: int, count: int) -> list[Event | int]:
    """Events (and ticks, as times) of a busy yard in an order of arrival that is not that of their times."""
    rng = random.Random(seed)
    uns = ["1942", "1689", "1428", "2556", "1830", "1486", "0209", "2014"]
    events: list[Event] = []
    for i in range(count):
        name, minute = f"C{i % 25:02}", i * 3
        kind = rng.random()
        if kind < 0.35:
            events += come(name, rng.choice(uns), rng.randrange(1, 90), minute)
        elif kind < 0.9:
            events.append(stack(name, minute, rng.randrange(6), rng.randrange(4), block=rng.choice("AB")))
        else:
            events.append(GateOut(f"{name}-o{minute}", "yard", at(minute), name))
    ordered = sorted(events, key=lambda event: event.time + rng.randrange(20) * MINUTE)
    log: list[Event | int] = []
    for i, event in enumerate(ordered):
        log.append(event)
        if i % 10 == 9:
            log.append(max(each.time for each in log if not isinstance(each, int)))
    return log


def run(log: list[Event | int]) -> list[bytes]:
    judge, said = YardJudge(pack(), 0), []
    for offset, each in enumerate(log):
        outcome = judge.tick(each, offset, 9) if isinstance(each, int) else judge.apply(each, offset, 9)
        said += [msgspec.json.encode(finding) for finding in outcome.findings]
    return said


def test_a_replay_from_the_beginning_says_the_same_byte_for_byte() -> None:
    log = random_log(11, 400)
    first = run(log)
    assert first == run(log)
    assert len(first) > 200


@pytest.mark.parametrize(
    ("day", "rules_as_of", "severity"),
    [
        (0, "", "yellow"),  # 2015: sodium away from petrol
        (3653, "", "orange"),  # 2025: separated from
        (0, "2025-07-27", "orange"),  # a replay of 2015 under the rules of 2025
        (3653, "2015-08-12", "yellow"),
    ],
)
def test_boxes_keep_the_distances_of_the_day_or_of_that_whose_rules_are_asked_for(
    day: int, rules_as_of: str, severity: str
) -> None:
    play = Play(pack(**({"rules_as_of": rules_as_of} if rules_as_of else {})))
    minute = day * 24 * 60
    play(*come("C1", "1428", 1.0, minute), stack("C1", minute + 1, 0))
    play(*come("C2", "1203", 1.0, minute + 2))
    assert of(play(stack("C2", minute + 3, 1)), "yard-segregation") == [("open", severity)]


@pytest.mark.parametrize(("day", "found"), [(0, []), (3653, [("open", "orange")])])
def test_boxes_that_stand_are_looked_at_by_the_goods_list_of_the_days_events(
    day: int, found: list[tuple[str, str]]
) -> None:
    """A list in which phosphoric acid was in no group of acids held until 2025: cyanide could stand beside it."""
    row = msgspec.to_builtins(load_goods()["1805"]) | {"groups": []}
    del row["un"]
    play = Play(pack(goods_until={"2025-01-01": {"source": "the test", "confirmed": True, "rows": {"1805": row}}}))
    play(*come("C1", "1805", 1.0, 0), stack("C1", 1, 0))
    minute = day * 24 * 60
    play(*come("C2", "1689", 1.0, minute + 2))
    assert of(play(stack("C2", minute + 3, 1)), "yard-segregation") == found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_open_conflicts_agree_with_brute_force_after_every_event(seed: int) -> None:
    play = Play(pack(blocks={"yard": {"A": {"x_m": 0, "y_m": 0}, "B": {"x_m": 0, "y_m": 15}}}))
    rule, corner, compared = play.judge.facts.segregation_at(T).rule, {"A": 0.0, "B": 15.0}, 0
    for event in random_log(seed, 250):
        if isinstance(event, int):
            continue
        play(event)
        standing = [
            Standing(
                box.container,
                "",
                box.place.bay * 6.5,
                corner[box.place.block] + box.place.row * 2.9,
                tuple(Hazard(each.un, each.hazard_class, each.subsidiary, GROUPS[each.un]) for each in box.goods),
            )
            for box in play.judge.yard("yard").now().boxes
            if box.place is not None
        ]
        expected = {
            f"yard/{one.container}+{other.container}"
            for i, one in enumerate(standing)
            for other in standing[i:]
            if rule.conflict(one, other) is not None
        }
        assert play.open("yard-segregation") == expected
        compared += len(expected)
    assert compared > 300


def test_the_table_of_judges_makes_judges() -> None:
    judge = EVENT_JUDGES["cargo"](pack(), 3)
    outcome = judge.apply(Observed("e", "yard", at(0), "fire"), 5, 7)
    (finding,) = outcome.findings
    assert finding.origin.topic == "events.cargo" and finding.origin.partition == 3
    assert (finding.origin.first_offset, finding.stamp) == (5, 7)
