"""What stands too near to what in a yard: opened, moved and closed with the boxes, by the rules of the day."""

import msgspec
import pytest

from detectors.rules.segregation import Hazard, Standing
from tests.streams.judges.port_yard import Play, T, at, come, of, pack, random_log, stack
from topics.events import GateOut
from topics.goods import load_goods

GROUPS = {un: entry.groups for un, entry in load_goods().items()}


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
