"""Permits of special work: G17, all seeded faults found and nothing else."""

from collections.abc import Callable
from random import Random

import msgspec
import pytest

from records.safety.special_work import SpecialWork, faults
from tests.records.safety.parts import HOUR, MINUTE, TEN, TERMS, permit, picture
from topics.safety_events import Signature, WorkPermit

RULE = SpecialWork()
assert TERMS.permit is not None
PERMITS = TERMS.permit
Spoil = Callable[[WorkPermit], WorkPermit]


def signed(one: WorkPermit, place: int, **more: object) -> WorkPermit:
    """The same with one signature changed."""
    hands = list(one.signatures)
    hands[place] = msgspec.structs.replace(hands[place], **more)
    return msgspec.structs.replace(one, signatures=tuple(hands))


def change(**more: object) -> Spoil:
    return lambda one: msgspec.structs.replace(one, **more)


FAULTS: dict[str, Spoil] = {
    "approved-late": lambda one: signed(one, 1, time=one.start + 5 * MINUTE),
    "approval-order": lambda one: signed(one, 0, time=one.start - MINUTE),
    "approval-missing": lambda one: msgspec.structs.replace(one, signatures=one.signatures[:1]),
    "self-approved": lambda one: signed(one, 0, who=one.applicant),
    "one-hand": lambda one: signed(one, 1, who=one.signatures[0].who),
    "too-long": lambda one: msgspec.structs.replace(one, end=one.start + 8 * HOUR + MINUTE),
    "gas-test": lambda one: msgspec.structs.replace(one, gas_tests=(one.start - 31 * MINUTE,)),
    "not-completed": change(completed=None),
    "completed-late": lambda one: msgspec.structs.replace(one, completed=one.end + HOUR + MINUTE),
    "completed-before-start": lambda one: msgspec.structs.replace(one, completed=one.start - MINUTE),
    "ends-before-start": lambda one: msgspec.structs.replace(one, end=one.start - MINUTE, completed=one.start),
    "signed-ahead": lambda one: signed(msgspec.structs.replace(one, time=one.start - 35 * MINUTE), 1),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_by_itself(code: str) -> None:
    assert [each.code for each in faults(FAULTS[code](permit(1)), PERMITS, TEN + 40 * HOUR)] == [code]


def test_g17_forty_faults_among_500_permits_are_found_and_none_other() -> None:
    dice = Random(17)
    every = [permit(number, start=TEN + number * 5 * MINUTE) for number in range(500)]
    spoilt = dice.sample(range(0, 490, 2), 40)
    truth = set()
    codes = ["approved-late", "self-approved", "crossing", "approval-order", "approval-missing", "not-completed"]
    for place, number in enumerate(spoilt):
        code = codes[place % len(codes)]
        one = every[number]
        if code == "crossing":  # the next one works 12 m to the east at the same time
            other = every[number + 1]
            assert one.lon is not None
            every[number + 1] = msgspec.structs.replace(other, lon=one.lon + 12 / 86_400, lat=one.lat)
            truth.add(f"p1/{one.permit}+{other.permit}/crossing")
        else:
            every[number] = FAULTS[code](one)
            truth.add(f"p1/{one.permit}/{code}")
    dice.shuffle(every)
    found = [each.subject for each in RULE.standing(picture(permits=every), TEN + 80 * HOUR)]
    assert len(truth) == 40
    assert sorted(found) == sorted(truth)


@pytest.mark.parametrize(
    ("metres", "begins", "crosses"),
    [(14.0, HOUR, True), (16.0, HOUR, False), (14.0, 2 * HOUR, False), (0.0, 2 * HOUR - MINUTE, True)],
)
def test_two_hot_works_cross_within_15_m_while_both_go_on(metres: float, begins: int, crosses: bool) -> None:
    """The first lasts two hours; the second begins ``begins`` after it, ``metres`` to the north."""
    one = permit(1, start=TEN, completed=None)
    other = permit(2, start=TEN + begins, lat=39.0 + metres / 111_195, lon=one.lon, completed=None)
    now = TEN + begins + MINUTE
    found = [each for each in RULE.standing(picture(permits=[other, one]), now) if "crossing" in each.subject]
    assert bool(found) is crosses
    if crosses:
        assert found[0].since == TEN + begins and found[0].severity == "orange" and "DH-002" in found[0].text.en


def test_a_fault_stands_while_the_work_goes_on_and_is_over_with_it() -> None:
    late = FAULTS["approved-late"](permit(1))
    (during,) = RULE.standing(picture(permits=[late]), late.start + MINUTE)
    (after,) = RULE.standing(picture(permits=[late]), late.start + 5 * HOUR)
    assert during.ended is None and after.ended == late.completed and during.since == late.start
    assert list(RULE.standing(picture(permits=[late]), late.start - 1)) == []


def test_a_level_has_rules_of_its_own_before_its_kind() -> None:
    terms = msgspec.structs.replace(
        PERMITS, approvals={"hot-work": ("unit-head",), "hot-work/special": ("unit-head", "plant-head")}
    )
    assert faults(permit(1), terms, TEN + 9 * HOUR) == []
    (missing,) = faults(permit(1, level="special"), terms, TEN + 9 * HOUR)
    assert missing.text.en == "not signed by plant-head"
    signatures = (*permit(1).signatures, Signature("plant-head", "周", TEN + 45 * MINUTE))
    assert faults(permit(1, level="special", signatures=signatures), terms, TEN + 9 * HOUR) == []
