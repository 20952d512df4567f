"""What every subject of the alert server keeps to: it stands without a broker, has work to do, and bears the clock."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.city import City
from alerts.responder.yards import Yards
from alerts.sinks import Addresses
from alerts.store import Store
from records.history import ListHistory
from streams.alarm_parts import AlarmParts
from streams.cargo_parts import CargoParts
from streams.declaration_parts import DeclarationParts
from streams.food_parts import FoodParts
from streams.lazy_producer import LazyProducer
from streams.safety_parts import SafetyParts
from streams.server_parts import Ground, ServerParts
from streams.server_place import Place
from streams.told_parts import ToldParts
from streams.yard_parts import YardParts
from tests.made_stores import made_store
from topics.connection import KafkaConnection

NOWHERE = KafkaConnection("127.0.0.1:9")


def food(ground: Ground) -> FoodParts:
    safety = SafetyParts(ground)
    return FoodParts(ground, safety.tickets, safety.desk.watch, Addresses("", Path()))


def alarms(ground: Ground) -> AlarmParts:
    place = Place("", "http://127.0.0.1:9/cap", Path(), "tests")
    return AlarmParts(ground, place, Addresses(place.bureau_url, place.folder))


SUBJECTS: list[Callable[[Ground], ServerParts]] = [
    alarms,
    SafetyParts,
    food,
    DeclarationParts,
    YardParts,
    lambda ground: CargoParts(ground, Yards()),
    ToldParts,
]


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_subject_has_work_and_bears_the_clock_over_an_empty_store(
    subject: Callable[[Ground], ServerParts], tmp_path: Path
) -> None:
    store = Store(made_store(tmp_path))
    ground = Ground(NOWHERE, LazyProducer(NOWHERE), store, City(), ListHistory(), lambda: 0, "tests-")
    parts = subject(ground)
    work = parts.run()
    assert work and all(inspect.iscoroutine(each) for each in work)
    for each in work:
        each.close()
    await asyncio.to_thread(parts.on_time)
    store.close()


def test_every_kind_of_parts_is_held_to_this() -> None:
    told = {kind.__name__ for kind in ServerParts.__subclasses__()}
    assert told == {
        "AlarmParts", "CargoParts", "DeclarationParts", "FoodParts", "SafetyParts", "ToldParts", "YardParts",
    }, "a further subject is a line of SUBJECTS too"  # fmt: skip
    assert len(SUBJECTS) == len(told)
