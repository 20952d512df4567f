"""Commitments of the day: G15, missing and late; G16, against permits and instruments."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import msgspec

from records.safety.commitment_missing import CommitmentMissing
from records.safety.commitment_untrue import CommitmentUntrue
from records.safety.days import DAY_MS, begins, day_of
from records.safety.episodes import Episode, Name, messages
from records.safety.forms import Exemption
from records.safety.standing import Picture, Run
from tests.records.safety.parts import DAY, HOUR, MINUTE, TEN, commitment, given, permit, picture, site
from topics.finding import Finding
from topics.safety_events import Commitment

FIRMS = [f"f{number:03d}" for number in range(109)]
MISSING, UNTRUE = CommitmentMissing(), CommitmentUntrue()


class Day:
    """The rule asked tick by tick, with what is known by then."""

    def __init__(self, said: Sequence[Commitment], exempt: Sequence[Exemption] = ()) -> None:
        self.said = said
        self.exempt = exempt
        self.known: dict[Name, Episode] = {}
        self.sites = {name: site(name) for name in FIRMS}

    def at(self, now: int) -> list[Finding]:
        known = given(*(each for each in self.said if each.time <= now))
        seen = picture(sites=self.sites, commitments=known, exemptions=self.exempt)
        found = messages("safety", self.known, MISSING.standing(seen, now), now, MISSING.names)
        for each in found:
            self.known[(each.finding.detector, each.finding.subject)] = each
        return [each.finding for each in found]


def test_g15_three_of_109_firms_give_nothing_by_ten_and_one_comes_late() -> None:
    """The fourth that gives nothing stands still and is exempt."""
    silent, free = FIRMS[7:10], FIRMS[50]
    said = [commitment(name) for name in FIRMS if name not in silent and name != free]
    said.append(commitment(silent[1], TEN + 95 * MINUTE))
    exempt = Exemption("x", free, begins(DAY) - DAY_MS, None, "处长", "全厂停产", 0)
    day = Day(said, [exempt])
    told = [(second, each) for second in range(-5, 6) for each in day.at(TEN + second * 1000)]
    assert sorted(each.site for _, each in told) == silent
    for _, each in told:
        assert each.phase == "open" and each.opened == TEN and TEN <= each.time <= TEN + 5000
        assert each.severity == "yellow" and "10:00 前未作当日" in each.text.zh
    (late,) = day.at(TEN + 95 * MINUTE + 1)
    assert (late.phase, late.site, late.closed) == ("close", silent[1], TEN + 95 * MINUTE)
    assert "1:35 (h:min) late" in late.text.en
    assert day.at(TEN + 3 * HOUR) == []
    over = day.at(begins(DAY) + DAY_MS + 1)
    assert sorted((each.phase, each.site) for each in over) == [("close", silent[0]), ("close", silent[2])]


def test_a_commitment_that_was_given_in_time_but_arrives_late_takes_the_finding_back() -> None:
    day = Day([commitment(name) for name in FIRMS[1:]])
    (missing,) = day.at(TEN + 3000)
    day.said = [*day.said, commitment(FIRMS[0], TEN - 1000)]
    (closed,) = day.at(TEN + 20_000)
    assert (closed.id, closed.phase) == (missing.id, "close")


def test_a_firm_of_another_kind_owes_nothing_and_the_last_moment_is_in_time() -> None:
    day = Day([commitment(name, TEN) for name in FIRMS[1:]])
    day.sites[FIRMS[0]] = site(FIRMS[0], source_type="filling-station")
    assert day.at(TEN + 4000) == []
    told = Day([commitment(name, TEN + 1) for name in FIRMS[1:]]).at(TEN + 4000)
    assert {each.site for each in told if each.phase == "open"} == set(FIRMS)
    assert {each.site for each in told if each.phase == "close"} == set(FIRMS[1:])


def lies(now: int) -> tuple[Picture, dict[str, str]]:
    """200 firm-days: ten say no hot work and have permits, ten say all stands still while something flows; others
    that look like it: as many permits as said, a withdrawn permit, work of the next day, flow before the commitment
    was given, a short puff, a day amended in time.
    """
    dice, firms = Random(16), [f"d{number:03d}" for number in range(200)]
    dice.shuffle(firms)
    said, permits, runs, truth = [], [], {}, {}
    for place, name in enumerate(firms):
        first = commitment(name, works={"hot-work": 0})
        match place:
            case _ if place < 10:
                permits.append(permit(place, name, start=TEN + HOUR))
                truth[name] = f"DH-{place:03d}"
            case _ if place < 20:
                first = commitment(name, running=0, stopped=2)
                runs[name] = [Run(f"{name}/F1/flow/Rtd", TEN + HOUR, TEN + 2 * HOUR, 12.5, "m3/h")]
                truth[name] = f"{name}/F1/flow/Rtd"
            case _ if place < 60:
                first = commitment(name, works={"hot-work": 1})
                permits.append(permit(place, name))
            case _ if place < 80:
                permits.append(permit(place, name, cancelled=True))
            case _ if place < 100:
                permits.append(permit(place, name, start=TEN + DAY_MS))
            case _ if place < 120:  # it ran in the small hours, and stood when the word was given
                first = commitment(name, running=0, stopped=2)
                runs[name] = [Run(f"{name}/F1/flow/Rtd", TEN - 5 * HOUR, TEN - 4 * HOUR, 9.0, "m3/h")]
            case _ if place < 140:  # unforeseen work, applied for at noon, the word amended within the hour
                permits.append(permit(place, name, start=TEN + 4 * HOUR))
                said.append(first)
                first = commitment(name, TEN + 3 * HOUR, works={"hot-work": 1})
        said.append(first)

    def seen(name: str, start: int, end: int) -> list[Run]:
        return [run for run in runs.get(name, []) if start <= run.since < end]

    sites = {name: site(name) for name in firms}
    return picture(sites=sites, commitments=given(*said), permits=permits, runs=seen), truth


def test_g16_all_of_20_lies_in_200_firm_days_are_found_and_none_other() -> None:
    now = TEN + 9 * HOUR
    seen, truth = lies(now)
    found = {each.site: each for each in UNTRUE.standing(seen, now)}
    assert found.keys() == truth.keys()
    for name, each in found.items():
        said = seen.commitments[(name, DAY)].last.id
        assert said in each.text.en and truth[name] in each.text.en, "the evidence names both records"
        assert each.facts["commitment"] == said and truth[name] in (each.facts.get("permit"), each.facts.get("series"))


def test_a_day_amended_ends_what_was_untrue() -> None:
    said = commitment("p1")
    seen = picture(commitments=given(said), permits=[permit(1)])
    assert len(list(UNTRUE.standing(seen, TEN + 2 * HOUR))) == 1
    amended = commitment("p1", TEN + 2 * HOUR, works={"hot-work": 1})
    assert list(UNTRUE.standing(picture(commitments=given(said, amended), permits=[permit(1)]), TEN + 3 * HOUR)) == []


def test_work_that_nobody_foresaw_has_an_hour_to_be_said() -> None:
    """Applied for at 13:20: until 14:20 the day's word may be amended."""
    seen = picture(commitments=given(commitment("p1")), permits=[permit(1, start=TEN + 4 * HOUR)])
    applied = TEN + 4 * HOUR - 40 * MINUTE
    assert list(UNTRUE.standing(seen, applied + HOUR - 1)) == []
    assert [each.since for each in UNTRUE.standing(seen, applied + HOUR)] == [applied + HOUR]


def test_a_firm_that_is_exempt_and_runs_is_found() -> None:
    exempt = Exemption("x7", "p1", begins(DAY), None, "处长", "停产", 0)
    run = Run("p1/F1/flow/Rtd", TEN, TEN + HOUR, 3.0, "m3/h")
    seen = picture(exemptions=[exempt], runs=lambda name, start, end: [run])
    (found,) = UNTRUE.standing(seen, TEN + HOUR)
    assert found.rule == "exemption-running" and "x7" in found.text.en and run.series in found.text.en


def absences(now: int, looked: int | None, *said: Commitment, **sites: int) -> list[tuple[str, str, int, int]]:
    """What is said of two firms at ``now``: site, day, opened and closed; ``sites`` say since when a firm is known."""
    known = {name: msgspec.structs.replace(site(name), valid_from=sites.get(name)) for name in ("f1", "f2")}
    seen = replace(picture(sites=known, commitments=given(*said)), looked=looked)
    found = messages("safety", {}, MISSING.standing(seen, now), now, MISSING.names)
    last = {each.finding.id: each.finding for each in found}
    assert all(each.phase == "close" for each in last.values() if each.facts["day"] != day_of(now))
    return [(each.site, str(each.facts["day"]), each.opened, each.closed or 0) for each in last.values()]


def test_who_was_down_from_ten_to_midnight_says_it_afterwards_of_the_right_day() -> None:
    midnight = begins(DAY) + DAY_MS
    morning = midnight + 7 * HOUR
    silent = [("f2", DAY, TEN, midnight)]
    assert absences(morning, TEN - MINUTE, commitment("f1")) == silent, "down from 9:59 to 7:00 of the next day"
    assert absences(morning, TEN + MINUTE, commitment("f1")) == [], "it looked at 10:01: that was said then"
    assert absences(morning, TEN + 1000, commitment("f1")) == silent, "within the seconds it lets settle"
    assert absences(morning, None, commitment("f1")) == [], "who begins to watch accuses nobody of yesterday"
    assert absences(morning, TEN - MINUTE, commitment("f1"), f2=TEN + HOUR) == [], "it was no firm of ours at ten"
    late = commitment("f2", TEN + 2 * HOUR)
    assert absences(morning, TEN - MINUTE, commitment("f1"), late) == [("f2", DAY, TEN, TEN + 2 * HOUR)]


def test_of_several_days_down_each_is_named_and_no_more_than_a_week() -> None:
    now = TEN + 2 * DAY_MS + HOUR
    found = absences(now, TEN - HOUR, commitment("f1"))
    days = [DAY, "2026-11-28", "2026-11-29"]
    assert [day for name, day, *_ in found if name == "f2"] == days
    assert [day for name, day, *_ in found if name == "f1"] == days[1:]
    assert len({day for _, day, *_ in absences(TEN + 30 * DAY_MS + HOUR, TEN)}) == 8, "a week and today"
