"""The risk of a firm: bounds of the colours, monotone in every term, direct red beats all points."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.firm_risk import Firm, Static, risk
from records.firm_risk_terms import Band, Bands, Direct, Online, Term, Ungraded, Weights
from topics.finding import Text


def term(most: float, **each: float) -> Term:
    return Term(each, most, "the test", False)


DIRECT = Direct(Text("直接判红", "direct"), "the test", True)
WEIGHTS = Weights(
    colours=Bands((Band("red", 60), Band("orange", 75), Band("yellow", 90)), "blue", "guide", True),
    ungraded=Ungraded(80, "the test", False),
    hazard=Term({"1": 12, "2": 8, "3": 5, "4": 3}, 12, "the test", False),
    alarms=term(30, red=8, orange=4, yellow=2, blue=1),
    dangers=term(20, general=3, major=10),
    commitments=term(10, missing=1),
    accidents=term(40, general=5, larger=15, major=30),
    online=Online(99.5, 2, 10, "the test", False),
    direct={"static-direct-red": DIRECT, "major-danger-overdue": DIRECT, "grave-accident": DIRECT},
    commitment_days=30,
    accident_days=365,
    online_days=30,
    direct_accidents=("larger", "major"),
)


@pytest.mark.parametrize(
    ("score", "colour"),
    [(0, "red"), (59.99, "red"), (60, "orange"), (74.99, "orange"), (75, "yellow"), (89.99, "yellow"), (90, "blue"),
     (100, "blue")],
)  # fmt: skip
def test_the_colours_begin_at_their_bounds(score: float, colour: str) -> None:
    found = risk(Firm(Static(score)), WEIGHTS)
    assert (found.points, found.colour, [each.term for each in found.reasons]) == (score, colour, ["static"])


def test_every_reason_stands_with_its_points_the_heaviest_first() -> None:
    firm = Firm(
        Static(95), (3, 2), {"red": 1, "blue": 2}, {"general": 2}, 4, {"general": 1}, 97.0,
    )  # fmt: skip
    found = risk(firm, WEIGHTS)
    assert [(each.term, each.points) for each in found.reasons] == [
        ("alarms", 10), ("hazard", 8), ("dangers", 6), ("static", 5), ("accidents", 5), ("online", 5),
        ("commitments", 4),
    ]  # fmt: skip
    assert (found.points, found.colour) == (100 - 43, "red")
    assert found.reasons[0].text.en == "open alarms: red 1, blue 2" and "97.00 %" in found.reasons[5].text.zh


def test_no_grade_and_one_that_has_run_out_are_no_proof_of_safety() -> None:
    assert risk(Firm(), WEIGHTS).points == 80
    assert risk(Firm(Static(99, expired=True)), WEIGHTS).points == 80
    assert risk(Firm(Static(50, expired=True)), WEIGHTS).points == 50


@pytest.mark.parametrize(
    "firm",
    [
        Firm(Static(100, ("no design",))),
        Firm(Static(100), dangers={"major": 1}),
        Firm(Static(100), accidents={"larger": 1}),
    ],
)  # fmt: skip
def test_a_direct_condition_beats_a_hundred_points(firm: Firm) -> None:
    found = risk(firm, WEIGHTS)
    assert found.colour == "red" and found.direct and found.reasons[0].direct
    milder = msgspec.structs.replace(WEIGHTS, direct={})
    assert risk(firm, milder).colour != "red", "without the condition it would not be"


def test_a_level_or_grade_nobody_knows_takes_as_much_as_the_worst() -> None:
    assert risk(Firm(Static(100), alarms={"purple": 1}), WEIGHTS).points == 92
    assert risk(Firm(Static(100), hazards=(0,)), WEIGHTS).points == 88


@pytest.mark.parametrize(("online", "points"), [(None, 100), (100.0, 100), (99.5, 100), (98.5, 98), (0.0, 90)])
def test_being_online_beyond_the_target_earns_nothing_and_falling_short_has_a_bound(
    online: float | None, points: float
) -> None:
    assert risk(Firm(Static(100), online_percent=online), WEIGHTS).points == points


COUNTS = st.integers(0, 6)
FIRMS = st.builds(
    Firm,
    st.none() | st.builds(Static, st.floats(0, 100), st.sampled_from([(), ("x",)]), st.booleans()),
    st.lists(st.integers(1, 4), max_size=3).map(tuple),
    st.fixed_dictionaries({"red": COUNTS, "orange": COUNTS, "yellow": COUNTS, "blue": COUNTS}),
    st.fixed_dictionaries({"general": COUNTS, "major": COUNTS}),
    COUNTS,
    st.fixed_dictionaries({"general": COUNTS, "larger": COUNTS, "major": COUNTS}),
    st.none() | st.floats(0, 100),
)
ORDER = ["red", "orange", "yellow", "blue"]


def worse(firm: Firm, how: str, by: int) -> Firm:
    """The same firm, worse in one term and in nothing else."""
    replace = msgspec.structs.replace
    match how.split("."):
        case ["static"]:
            old = firm.static or Static(80)
            return replace(firm, static=replace(old, score=max(0.0, old.score - by)))
        case ["direct"]:
            return replace(firm, static=replace(firm.static or Static(80), direct_red=("x",)))
        case ["expired"]:
            return replace(firm, static=replace(firm.static or Static(80), expired=True))
        case ["hazards"]:
            return replace(firm, hazards=(*firm.hazards, min([4, *firm.hazards]) - (1 if 1 not in firm.hazards else 0)))
        case ["commitments"]:
            return replace(firm, commitments=firm.commitments + by)
        case ["online"]:
            return replace(
                firm, online_percent=max(0.0, (100.0 if firm.online_percent is None else firm.online_percent) - by)
            )
        case [field, kind]:
            counts = getattr(firm, field)
            return replace(firm, **{field: {**counts, kind: counts[kind] + by}})
    raise AssertionError(how)


@settings(max_examples=80, deadline=None)
@given(
    FIRMS,
    st.sampled_from(
        ["static", "direct", "expired", "hazards", "commitments", "online", "alarms.red", "alarms.orange",
         "alarms.yellow", "alarms.blue",
         "dangers.general", "dangers.major", "accidents.general", "accidents.larger", "accidents.major"]
    ),
    st.integers(1, 30),
)  # fmt: skip
def test_worse_in_any_term_is_never_better(firm: Firm, how: str, by: int) -> None:
    before, after = risk(firm, WEIGHTS), risk(worse(firm, how, by), WEIGHTS)
    assert after.points <= before.points
    assert ORDER.index(after.colour) <= ORDER.index(before.colour)
    for found in (before, after):
        assert 0 <= found.points <= 100
        by_hand = max(0.0, 100 - sum(each.points for each in found.reasons))
        assert found.points == pytest.approx(by_hand, abs=0.006), "the reasons shown are all there is"
        bare = next(
            c for c, below in (("red", 60), ("orange", 75), ("yellow", 90), ("blue", 101)) if found.points < below
        )
        assert found.colour == ("red" if found.direct else bare)


def test_weights_that_play_a_grave_hazard_down_are_none() -> None:
    with pytest.raises(ValueError, match="graver"):
        msgspec.structs.replace(WEIGHTS, hazard=Term({"1": 1, "2": 8}, 12, "t", False))
    with pytest.raises(ValueError, match="bounds that rise"):
        Bands((Band("red", 75), Band("orange", 60)), "blue", "t", True)
    with pytest.raises(ValueError, match="expected some of static-direct-red"):
        msgspec.structs.replace(WEIGHTS, direct={"ugly": DIRECT})
