"""The yard's judge: one condition is one finding, whatever the order; a replay says the same, byte for byte."""

import msgspec
import pytest

from streams.judges import EVENT_JUDGES
from streams.judges.yard import AHEAD_MS, YardJudge
from tests.streams.judges.port_yard import Play, at, come, line, of, pack, random_log
from topics.errors import ConfigurationError
from topics.events import Custody, Declared, Event, GateIn, GateOut, Manifested, Observed
from topics.finding import finding_id


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


def test_what_an_open_alarm_says_is_there_is_off_by_a_tenth_at_most_and_not_each_box_is_told() -> None:
    play, there, told = Play(), 0.0, 0
    moves = [("in", number) for number in range(120)] + [("out", number) for number in range(95)]
    for minute, (way, number) in enumerate(moves):
        there += 5 if way == "in" else -5
        out = GateOut(f"o{number}", "yard", at(minute), f"C{number}")
        play(*(come(f"C{number}", "1689", 5, minute) if way == "in" else [out]))
        said = [each for each in play.said if each.detector == "yard-over-storage"]
        told = len(said)
        if said:
            assert said[-1].value == pytest.approx(there, rel=0.1), (way, number)
    assert there == 125.0 and said[-1].text.en.startswith("UN 1689 Sodium cyanide, solid: 1")
    assert 30 < told < 60


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


def test_the_table_of_judges_makes_judges() -> None:
    judge = EVENT_JUDGES["cargo"](pack(), 3)
    outcome = judge.apply(Observed("e", "yard", at(0), "fire"), 5, 7)
    (finding,) = outcome.findings
    assert finding.origin.topic == "events.cargo" and finding.origin.partition == 3
    assert (finding.origin.first_offset, finding.stamp) == (5, 7)
