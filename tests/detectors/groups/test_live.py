"""Groups in the kernel: a break that no series shows is one finding that names its channel, and no cut of the log, no
restart and no second run changes a word of it. Over every line of the table of group detectors."""

import dataclasses
import re
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.backtest import Step, backtest, model_ref
from detectors.base import Columns, FloatArray
from detectors.calibration import DEFAULT_RATE
from detectors.groups.course import Course, follow, warm_up
from detectors.groups.declared import DeclaredGroups
from detectors.groups.in_force import judged_groups
from detectors.groups.members import MEMBERS
from detectors.kernel import Kernel
from detectors.models import unpacked
from detectors.series import BLOCKS
from tests.detectors.groups.tank_farm import Farm, pack
from tests.detectors.small_pack import MINUTE, START
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.reading import Control

FIRST, LAST = 50, 90
Log = list[Columns | Step]


def farm(name: str, seed: int = 5) -> Farm:
    """Two tanks, or for neighbours four that the same weather moves."""
    alike = name == "neighbours"
    return Farm(4 if alike else 2, seed, pack(name), together=alike)


@cache
def models(name: str) -> bytes:
    """What two days of healthy vectors (or a day of each of two tanks) teach, though a city asks for more of them."""
    return farm(name).taught(3_400 // (1 if name == "neighbours" else 2))


@cache
def broken(name: str) -> Log:
    """An hour in which the pressure of tank 1 goes its own way, as usual by itself; now and then a value is missing."""
    made, other = farm(name, 6), farm(name, 99)

    def spoil(step: int, values: FloatArray) -> FloatArray:
        strange = other.values()
        if FIRST <= step < LAST:
            values[1, 1] = strange[1, 1]
        if step % 17 == 3:
            values[0, 1] = np.nan
        return values

    word = Step(Control("~model", START, ref=model_ref("trial", models(name))), 0, artefact=models(name))
    made.offset = 1
    return [word, *made.steps(120, spoil)]


def kernel(name: str) -> Kernel:
    return farm(name).kernel()


def told(log: Log, where: Kernel) -> list[Finding]:
    return list(backtest(where, iter(log)))


@cache
def played(name: str) -> tuple[list[Finding], Kernel]:
    """What is found in the whole log, and the kernel that has found it."""
    where = kernel(name)
    return told(broken(name), where), where


@pytest.mark.parametrize("name", MEMBERS)
def test_a_break_that_no_series_shows_is_one_finding_that_names_its_channel(name: str) -> None:
    found, _ = played(name)
    assert {each.detector for each in found} == {name}, "the detectors of single series see nothing"
    opened = [each for each in found if each.phase == "open"]
    first = opened[0]
    subject = "s0/tank" if name == "neighbours" else "s0/t1/tank"
    assert (first.subject, first.quantity, first.family, first.site) == (subject, "tank", "model", "s0")
    assert 0 <= first.opened - (START + FIRST * MINUTE) <= 30 * MINUTE
    blamed = first.channels[0]
    assert blamed.series == "s0/t1/pressure/Rtd" and blamed.share > 0.4
    assert sum(each.share for each in first.channels) == pytest.approx(1.0, abs=0.01)
    assert (first.value, first.expected, first.unit) == (blamed.value, blamed.expected, "MPa")
    assert first.p is not None and first.score is not None and first.p == pytest.approx(10.0**-first.score)
    assert f"{blamed.share:.0%}" in first.text.en and "占" in first.text.zh
    assert re.search(r"healthy ones show this (about|less than) once in [\d,]+ days", first.text.en)
    assert found[-1].phase == "close" and found[-1].closed == found[-1].time
    assert len({each.id for each in opened}) <= 2


@pytest.mark.parametrize("name", MEMBERS)
def test_one_by_one_and_all_at_once_say_the_same(name: str) -> None:
    apart: Log = []
    for at, each in enumerate(broken(name)):
        if isinstance(each, Step) or not 96 <= at < 116:
            apart.append(each)
            continue
        for place in range(len(each.slot)):
            part = slice(place, place + 1)
            apart.append(
                Columns(
                    each.slot[part], each.time_ms[part], each.value[part], each.usable[part], each.backfill[part],
                    each.offset[part], each.stamp[part],
                )
            )  # fmt: skip
    one = kernel(name)
    assert told(apart, one) == played(name)[0]
    assert exported(one) == exported(played(name)[1])


def test_rarity_is_what_it_says_on_vectors_that_taught_nothing() -> None:
    """One healthy vector in a hundred is as rare as 2, give or take what a thousand of them can tell; the whole is
    measured by `citybrain bench groups`."""
    name = "var_residual"
    judged = judged_groups(DeclaredGroups(pack(name)), unpacked(models(name)).groups, DEFAULT_RATE)
    for subject, gathered in farm(name, 8).gathered(600).items():
        group, course, rare = judged[subject], Course.begun(judged[subject].fitted), []
        for number, row in enumerate(gathered.rows):
            verdict, course = follow(group.fitted, course, row, number)
            rare += [group.rarity(verdict.score)] if verdict is not None else []
        assert len(rare) == 600 - warm_up(group.fitted)
        assert 0.0005 < np.mean(np.array(rare) >= 2.0) < 0.05
        assert max(rare) < group.bound


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("cut", [91, 131])
def test_saved_and_loaded_in_the_midst_it_goes_on_and_repeats_nothing(name: str, cut: int) -> None:
    """The heir reads again from some way back, as after a crash; the pack and the models come with the controls."""
    log, first = broken(name), kernel(name)
    before = told(log[:cut], first)
    at = offset_of(log[cut])
    heir = Kernel(pack(name), "readings.trial", 0)
    for block in range(BLOCKS):
        heir.load(first.export(block), at)
    heir.load_shared(first.export_shared(), at, lambda ref: models(name))
    slots = np.array([heir.slot(series) for series in farm(name).names], np.intp)
    rest = [
        each if isinstance(each, Step) else dataclasses.replace(each, slot=slots[each.slot]) for each in log[cut - 7 :]
    ]
    assert before + told(rest, heir) == played(name)[0]
    assert exported(heir) == exported(played(name)[1])


def offset_of(each: Columns | Step) -> int:
    return each.offset if isinstance(each, Step) else int(each.offset[0])


def exported(kernel: Kernel) -> list[bytes]:
    return [
        msgspec.msgpack.encode(kernel.export(block), enc_hook=lambda array: array.tolist()) for block in range(BLOCKS)
    ]


def test_a_pack_without_the_group_closes_what_is_open_and_one_with_it_begins_anew() -> None:
    log, watching = broken("hotelling"), kernel("hotelling")
    found = told(log[:170], watching)
    assert found[-1].phase != "close"
    without = msgspec.structs.replace(pack("hotelling"), groups={})
    for domain, offset in ((without, 90_000), (pack("hotelling"), 90_002)):
        published = publish_form(domain, START)
        found = told(
            [Step(Control("~config", 0, ref=published.ref), offset, artefact=msgspec.json.encode(published))], watching
        )
        assert not found
        found = told([Step(Control("~tick", watching.last_tick + MINUTE), offset + 1)], watching)
        if domain is without:
            assert [each.phase for each in found] == ["close"] and "no longer judged" in found[0].text.en
    assert watching.force.groups and not watching.group_watch.states["s0/t1/tank"].episode


def test_a_new_normal_of_a_channel_is_learnt_by_its_group_at_once() -> None:
    """Said amidst the hour by name and reason; the next vector teaches, where without the word it would not."""
    at = 2 * (FIRST + 12)
    log, heard, silent = broken("hotelling"), kernel("hotelling"), kernel("hotelling")
    told(log[:at], heard), told(log[:at], silent)
    subject = "s0/t1/pressure/Rtd"
    word = Step(Control("~normal", 0, subject=subject, by="li", reason="another gauge"), offset_of(log[at]) - 1)
    (said,) = told([word], heard)
    assert (said.phase, said.detector, said.subject) == ("update", "hotelling", "s0/t1/tank")
    assert said.facts == {"new_normal_by": "li", "new_normal_reason": "another gauge"} and "li" in said.text.en
    before = learnt_of(silent)
    told(log[at : at + 2], heard), told(log[at : at + 2], silent)
    np.testing.assert_array_equal(learnt_of(silent), before)
    assert (learnt_of(heard) != before).any()


def learnt_of(kernel: Kernel) -> FloatArray:
    """How far the model of tank 1 has followed what came."""
    course = kernel.group_watch.states["s0/t1/tank"].course
    assert course is not None
    return course.watch.memory["follow"]


def test_a_model_of_another_declaration_is_not_used_and_a_broken_one_is_refused_with_nothing_changed() -> None:
    body = models("var_residual")
    other = Kernel(pack("var_residual", settings={"smooth": 0.2}), "readings.trial", 0)
    outcome = other.control(Control("~model", 0, ref=model_ref("trial", body)), 5, 0, body)
    assert not outcome.rejects and other.force.groups == {} and other.force.group_models.places
    groups = unpacked(body).groups
    subject, model = next(iter(groups.places.items()))
    with pytest.raises(
        ValueError, match=f"models: group {subject}: expected 2 to 64 channels of its site, because only"
    ):
        dataclasses.replace(model, channels=("s0/t0/flow/Rtd", "s1/t0/level/Rtd")).checked(subject)
    with pytest.raises(ValueError, match=r"models: group .*: var_residual: expected arrays"):
        dataclasses.replace(model, arrays=model.arrays | {"white": np.eye(3)}).checked(subject)


def test_a_vector_that_a_detector_cannot_bear_is_set_aside_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    name, calls = next(iter(MEMBERS)), 0

    def poisoned(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 20:
            raise FloatingPointError("poison")
        return follow(*given)

    monkeypatch.setattr("detectors.groups.live.follow", poisoned)
    where = kernel(name)
    outcomes = [
        where.apply(each) if isinstance(each, Columns) else where.control(each.control, each.offset, 0, each.artefact)
        for each in broken(name)
    ]
    (reject,) = [reject for each in outcomes for reject in each.rejects]
    assert reject.reason == "detector_failed"
    assert name in reject.detail and "FloatingPointError: poison" in reject.detail
    assert calls > 100, "the places are judged on"
    assert any(found.phase == "open" for each in outcomes for found in each.findings), "the break is found all the same"
