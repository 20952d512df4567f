"""The card of a point and moment: a past minute, a wind known or not, what is named and what is not theirs."""

import os
import random
import time
from collections.abc import Iterable, Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.accounts.jurisdiction import Jurisdiction
from alerts.responder.asked import Asked, NotFound
from alerts.responder.cards import ResponderCards
from alerts.responder.yards import Yards
from alerts.store import Store
from records.history import History, ListHistory
from records.stays import YardEvent
from tests.alerts.responder.port import FIRE, MAST, MINUTE, box, crowd, packs, port, winds

FULL = bool(os.environ.get("CITYBRAIN_FULL_SIZE"))
#: A port's history; the daily run takes a twentieth.
BOXES = 20_000 if FULL else 1_000
AT_FIRE = Asked(site="yard-ruihai", at=FIRE)


@pytest.fixture
def store(copied_store: str) -> Iterator[Store]:
    made = Store(copied_store)
    yield made
    made.close()


def cards(store: Store, events: Iterable[YardEvent] = (), history: History | None = None) -> ResponderCards:
    yards = Yards()
    yards.take(events)
    return ResponderCards(store, port(MAST), yards, history or ListHistory(), lambda: 1)


def test_what_was_in_the_yard_at_the_minute_of_the_fire(store: Store) -> None:
    """A box that left before is not on the card, one that left after is; sodium two bays off must not be wetted."""
    made = cards(
        store,
        [
            *box("GONE", "1942", "ARR", 0, 0, left=-1),
            *box("STAYED", "1942", "ARR", 0, 1, left=1, mass=800.0),
            *box("SODIUM", "1428", "ARR", 2, 0, mass=0.5),
            *box("LATER", "1689", "ARR", 3, 0, came=1),
        ],
    )
    shown = made.card(AT_FIRE)
    assert [ring.boxes for ring in shown.near.rings] == [1, 2, 2, 2]
    assert shown.near.rings[-1].masses_t == {"1942": 800.0, "1428": 0.5}
    assert shown.near.rings[0].no_water == ("1428",) and shown.near.substances[1].ems == "F-G, S-N"
    assert shown.past and shown.time == FIRE and shown.yards[0].boxes == 2
    assert [each.site for each in shown.neighbours] == ["plant-1"]
    assert {ring.boxes for ring in made.card(Asked(site="yard-ruihai")).near.rings[-1:]} == {2}


def test_without_a_wind_nothing_is_said_of_downwind_and_the_card_says_why(store: Store) -> None:
    events = box("A", "1942", "ARR", 10, 0)
    silent = cards(store, events, winds((-90, 270.0, 3.0))).card(AT_FIRE)
    assert silent.wind is None and silent.wind_unknown == "no-reading"
    assert silent.near.substances[0].downwind_boxes is None and silent.neighbours[0].downwind is None
    nobody = ResponderCards(store, port(), Yards(), ListHistory(), lambda: 1).card(AT_FIRE)
    assert nobody.wind_unknown == "no-station"
    calm = cards(store, events, winds((-5, 270.0, 0.1))).card(AT_FIRE)
    assert calm.wind is not None and calm.near.substances[0].downwind_boxes is None
    assert calm.neighbours[0].downwind is None and calm.people[0].downwind is None
    west = cards(store, events, winds((-30, 90.0, 2.0), (-5, 270.0, 3.0), (5, 90.0, 1.0))).card(AT_FIRE)
    assert west.wind is not None and (west.wind.from_deg, west.wind.speed_ms) == (270.0, 3.0)
    assert west.neighbours[0].downwind is True


def test_people_and_contacts_are_the_packs_and_an_unknown_number_stays_unknown(store: Store) -> None:
    shown = cards(store).card(AT_FIRE)
    assert [(each.people, each.confirmed) for each in shown.people] == [(None, False)]
    assert 400 < shown.people[0].away_m < 800
    assert "119" in [each.phone for each in shown.contacts]


def test_boxes_without_a_place_are_told_apart(store: Store) -> None:
    bare = box("OFF", "1428", "NOWHERE", 0, 0)
    shown = cards(store, bare).card(AT_FIRE)
    assert shown.near.rings[-1].boxes == 0 and shown.near.unplaced.boxes == 1
    assert shown.near.unplaced.no_water == ("1428",)


def test_a_container_and_a_block_are_found_where_they_stood_then(store: Store) -> None:
    moved = [
        *box("C", "1942", "ARR", 0, 0),
        *(
            msgspec.structs.replace(each, id="m", time=FIRE + MINUTE, block="E")
            for each in box("C", "1942", "ARR", 0, 0)[2:]
        ),
    ]
    made = cards(store, moved)
    before, after = made.card(Asked(container="C", at=FIRE)), made.card(Asked(container="C"))
    assert before.near.substances[0].boxes[0].away_m == pytest.approx(0.0, abs=0.2)
    assert (after.spot.lat - before.spot.lat) * 111_195 == pytest.approx(50.0, abs=0.5)
    assert made.card(Asked(site="yard-ruihai", block="E")).spot.exact
    with pytest.raises(NotFound, match="no yard held container D"):
        made.card(Asked(container="D"))
    with pytest.raises(ValueError, match="expected lat and lon"):
        made.card(Asked(lat=1.0))


def test_what_lies_beyond_a_jurisdiction_is_not_on_the_card(store: Store) -> None:
    made = cards(store, box("A", "1942", "ARR", 0, 0))
    elsewhere = Jurisdiction(districts=frozenset({"120111"}))
    with pytest.raises(NotFound):
        made.card(AT_FIRE, elsewhere)
    with pytest.raises(NotFound):
        made.card(Asked(container="A", at=FIRE), elsewhere)
    by_point = made.card(Asked(lat=39.0397, lon=117.7366, at=FIRE), elsewhere)
    assert by_point.part and by_point.near.rings[-1].boxes == 0 and by_point.neighbours == ()
    assert made.listed(elsewhere) == [] and len(made.listed()) == 1
    assert not made.covered("yard-ruihai", elsewhere) and not made.covered("none", Jurisdiction())
    cargo_only = made.card(AT_FIRE, Jurisdiction(domains=frozenset({"cargo"})))
    assert cargo_only.near.rings[-1].boxes == 1 and cargo_only.neighbours == ()


def test_a_broken_pack_costs_its_plan_not_the_card(store: Store) -> None:
    made = cards(store, box("A", "1942", "ARR", 0, 0))
    (cargo,) = (each for each in packs() if each.name == "cargo")
    facts = cargo.facts | {"responder_card": {"contacts": "nobody"}}
    made.city.put(msgspec.structs.replace(cargo, facts=facts))
    shown = made.card(AT_FIRE)
    assert shown.near.unplaced.boxes == 1 and "cargo" in shown.problems[0].en


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(-14_000, 0))
def test_the_card_at_a_minute_is_what_a_replay_to_it_shows(draw: random.Random, minute: int) -> None:
    events = crowd(40, draw)
    at = FIRE + minute * MINUTE
    shuffled = list(events)
    draw.shuffle(shuffled)
    whole, replay = Yards(), Yards()
    whole.take(shuffled)
    whole.take(shuffled[:20])  # told twice
    replay.take(event for event in events if event.time <= at)
    assert whole.at("yard-ruihai", at).boxes == replay.at("yard-ruihai", None).boxes
    for event in events:
        found, expected = whole.stands(event.container, at), replay.stands(event.container, None)
        assert found == expected


def test_a_whole_port_answers_in_a_tenth_of_a_second(store: Store) -> None:
    draw = random.Random(8)
    made = cards(store, crowd(BOXES, draw), winds((-5, 270.0, 3.0)))
    took = []
    for minute in draw.sample(range(-14_000, 0), 11):
        began = time.process_time()
        shown = made.card(Asked(site="yard-ruihai", at=FIRE + minute * MINUTE))
        took.append(time.process_time() - began)
        assert shown.near.rings[-1].boxes + shown.near.unplaced.boxes == shown.yards[0].boxes
    middle, worst = 1000 * sorted(took)[5], 1000 * max(took)
    print(f"{BOXES} boxes: half of the answers within {middle:.1f} ms of processor, the worst {worst:.1f} ms")
    assert max(took) < 1.0
