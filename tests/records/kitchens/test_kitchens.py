"""Matters, cameras and scores by themselves: in whatever order words come, and never better for knowing less."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.kitchens.cameras import Camera, Unseeing, first_word
from records.kitchens.matters import matters
from records.kitchens.score import DAY_MS, Score, score_of
from records.kitchens.terms import KitchenTerms, kitchen_terms
from topics.errors import ConfigurationError
from topics.kitchen_events import CameraState, Kitchen, KitchenSight, Sight

MINUTE = 60_000
FACTS = {
    "source": "the test",
    "confirmed": True,
    "sights": {
        "rat": {"title": {"zh": "老鼠", "en": "a rat"}, "kind": 1, "least_confidence": 0.5},
        "open_bin": {"title": {"zh": "垃圾桶未盖", "en": "an open bin"}, "kind": 2},
        "no_gloves": {"title": {"zh": "未戴手套", "en": "no gloves"}, "kind": 3},
    },
    "levels": [
        {"below": 60, "colour": "red", "visit_days": 7},
        {"below": 90, "colour": "yellow", "visit_days": 30},
        {"below": 101, "colour": "blue", "visit_days": 90},
    ],
}
TERMS = msgspec.convert(FACTS, KitchenTerms)


def sight(at: int, what: str = "rat", site: str = "k1", confidence: float | None = None) -> KitchenSight:
    return KitchenSight(f"{site}-{what}-{at}", site, at * MINUTE, "c1", what, confidence)


def state(at: int, said: Sight) -> CameraState:
    return CameraState(f"s{at}", "k1", at * MINUTE, "c1", said)


def test_what_is_seen_again_within_the_hour_is_one_matter_and_in_another_kitchen_another() -> None:
    seen = [sight(0), sight(50), sight(110), sight(171), sight(5, site="k2"), sight(6, "no_gloves")]
    random.Random(1).shuffle(seen)
    found = [(each.site, each.what, each.kind, each.start // MINUTE, each.times) for each in matters(seen, TERMS)]
    assert found == [
        ("k1", "rat", 1, 0, 3), ("k2", "rat", 1, 5, 1), ("k1", "no_gloves", 3, 6, 1), ("k1", "rat", 1, 171, 1),
    ]  # fmt: skip


def test_what_the_analysis_is_not_sure_of_counts_for_nothing_and_what_nobody_explained_is_looked_at() -> None:
    found = matters([sight(0, confidence=0.4), sight(0, "open_bin", confidence=0.1), sight(0, "drone")], TERMS)
    assert [(each.what, each.kind) for each in found] == [("drone", 2), ("open_bin", 2)]


@pytest.mark.parametrize(
    ("said", "now", "fault"),
    [
        ([state(0, "ok")], 9, None),
        ([state(0, "ok")], 10, Unseeing("camera-silent", 0)),
        ([state(0, "ok"), state(1, "blurred"), state(9, "blurred")], 10, None),
        ([state(0, "ok"), state(1, "blurred"), state(9, "blurred")], 11, Unseeing("camera-unseeing", MINUTE)),
        ([state(0, "blurred"), state(5, "ok"), state(9, "dark")], 15, None),
        ([state(0, "blurred"), sight(8, "no_gloves")], 12, Unseeing("camera-unseeing", 0)),
        ([state(0, "ok"), sight(8, "no_gloves")], 12, None),
    ],
)
def test_ten_minutes_of_silence_or_blur_are_a_fault(said: list[Kitchen], now: int, fault: Unseeing | None) -> None:
    camera = first_word(said[0])
    for event in said[1:]:
        camera = camera.told(event)
    assert camera.fault(TERMS, now * MINUTE) == fault


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["ok", "blurred", "dark"])), min_size=1, max_size=20))
@settings(max_examples=80, deadline=None)
def test_a_camera_is_told_by_its_latest_word_alone(said: list[tuple[int, Sight]]) -> None:
    """The state is that of the latest word, unbroken since the first of its run; older words change nothing."""
    told = [state(at, each) for at, each in sorted(dict(said).items())]
    camera = first_word(told[0])
    for event in told[1:]:
        camera = camera.told(event)
    run = next(at for at in range(len(told)) if all(each.state == told[-1].state for each in told[at:]))
    assert camera == Camera("k1", "c1", told[-1].time, told[-1].state, told[run].time)
    assert all(camera.told(event) == camera for event in told)


def scored(*seen: KitchenSight, unseeing: int = 0, visited: int = 0) -> Score:
    found = matters(seen, TERMS)
    urgent = [each.start for each in found if each.kind == 1]
    return score_of("k1", found, unseeing, visited, urgent, TERMS)


def test_the_score_steers_the_visit() -> None:
    clean = scored()
    assert (clean.score, clean.colour, clean.due) == (100.0, "blue", 90 * DAY_MS)
    bins = scored(*(sight(100 * each, "open_bin") for each in range(3)))
    assert (bins.score, bins.colour, bins.due) == (85.0, "yellow", 30 * DAY_MS)
    worse = scored(*(sight(100 * each, "open_bin") for each in range(9)))
    assert (worse.score, worse.colour, worse.due) == (55.0, "red", 7 * DAY_MS)
    rat = scored(sight(5))
    assert (rat.score, rat.colour, rat.due) == (80.0, "yellow", 5 * MINUTE + DAY_MS), "somebody goes the next day"
    assert scored(sight(5), visited=10 * MINUTE).due == 10 * MINUTE + 30 * DAY_MS, "who was there since was there"


def test_a_kitchen_that_is_not_seen_is_never_all_good() -> None:
    generous = msgspec.structs.replace(TERMS, camera_points=0.0)
    assert score_of("k1", [], 1, 0, [], generous).colour == "yellow"
    assert scored(unseeing=1).score == 90.0


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.sampled_from(["rat", "open_bin", "no_gloves"])), max_size=12),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_more_seen_or_less_seen_of_never_makes_better_or_later(
    seen: list[tuple[int, str]], data: st.DataObject
) -> None:
    whole = [sight(at, what) for at, what in seen]
    # One matter more or less: what joins two matters to one may well help.
    alone = sight(9_000, data.draw(st.sampled_from(["rat", "open_bin", "no_gloves"])))
    before, after = scored(*whole), scored(*whole, alone)
    blind = scored(*whole, unseeing=1)
    for worse in (after, blind):
        assert worse.score <= before.score and worse.visit_days <= before.visit_days and worse.due <= before.due


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"levels": [{"below": 60, "colour": "red", "visit_days": 7}]}, "levels: expected below to rise"),
        ({"sights": {"rat": {"title": {"zh": "鼠", "en": "rat"}, "kind": 4}}}, "sights"),
        ({"severities": {"rats": "red"}}, "got 'rats'"),
        ({"again_s": 0}, "again_s"),
    ],
)
def test_a_broken_table_is_refused_with_its_place(change: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigurationError, match=r"food: facts\.kitchens") as refused:
        kitchen_terms("food", {"kitchens": FACTS | change})
    assert told in str(refused.value)
