"""A recall whose cause is declared wrong says so, once, and stays until a person closes it."""

import pytest

from alerts.custody.desk import Recalls, recall_id
from alerts.custody.lots import Lots
from alerts.custody.recall_list import recall_page
from records.recall_events import Closed
from tests.alerts.city_parts import House
from tests.alerts.custody.test_desk import MILK, T0, client_of, house, recalls, seen  # noqa: F401  # fixtures
from topics.events import Custody

FAILS = {"bizStep": "inspecting", "disposition": "non_conformant", "item": "lead"}
MADE = seen("made", 1, "farm", MILK, bizStep="commissioning")
FAILED = seen("lab", 70, "lab", MILK, **FAILS)
NAME = recall_id("lab")


def declared(event: Custody, when: str = "1", name: str = "") -> Custody:
    """The declaration that ``event`` was wrong."""
    body = event.epcis | {"errorDeclaration": {"declarationTime": when}}
    return Custody(f"{name or event.id}#error/{when}", event.site, event.time, body, event.content)


def words(recalls: Recalls, name: str = NAME) -> list[str]:  # noqa: F811
    return [each["type"] for each in recalls.view(name)["events"]]


async def test_everybody_is_told_that_its_cause_was_wrong_and_it_stays_open(house: House, recalls: Recalls) -> None:  # noqa: F811
    recalls.take([MADE, FAILED])
    assert recalls.view(NAME)["refuted"] is None
    house.city.tick(T0 + 5000)
    assert NAME in recalls.take([declared(FAILED)])
    async with client_of(house, recalls) as client:
        (listed,) = (await client.get("/api/recalls", params={"open": True})).json()["items"]
        one = (await client.get(f"/api/recalls/{NAME}")).json()
        public = (await client.get("/api/public/lots/L7")).json()
        whole = (await client.get("/api/lots/L7")).json()
    for each in (listed, one, public["recalls"][0], whole["recalls"][0]):
        assert each["refuted"] == T0 + 5000 and not each["closed"]
    assert [each["step"] for each in public["steps"]] == ["commissioning"], "the sample is gone, the recall is not"
    assert "lab" not in str(public), "the public is not told which event it was"


def test_however_often_it_is_declared_it_is_said_once_and_a_restart_says_it_no_more(
    house: House,  # noqa: F811
    recalls: Recalls,  # noqa: F811
) -> None:
    recalls.take([MADE, FAILED])
    recalls.take([declared(FAILED), declared(FAILED, "2")])
    assert recalls.take([declared(FAILED), declared(FAILED, "3")]) == []
    again = Recalls(house.store, house.city, house.clock)
    again.take([declared(FAILED), declared(FAILED, "4")])
    assert words(again).count("refuted") == 1


def test_a_declaration_finds_its_event_by_what_it_says(recalls: Recalls) -> None:  # noqa: F811
    failed = Custody("lab", "lab", FAILED.time, FAILED.epcis, "ni:///1")
    recalls.take([MADE, failed])
    recalls.take([declared(failed, name="by-content")])
    assert words(recalls).count("refuted") == 1


def test_a_declaration_of_another_event_refutes_nothing_and_one_that_came_first_opens_nothing(
    recalls: Recalls,  # noqa: F811
) -> None:
    recalls.take([MADE, FAILED])
    recalls.take([declared(MADE)])
    assert "refuted" not in words(recalls)
    later = seen("lab-2", 80, "lab", MILK, **FAILS)
    recalls.take([declared(later)])
    recalls.take([later])
    with pytest.raises(LookupError):
        recalls.recall(recall_id("lab-2"))


def test_a_sample_that_corrects_it_and_fails_is_a_cause_of_its_own(house: House, recalls: Recalls) -> None:  # noqa: F811
    recalls.take([MADE, FAILED])
    recalls.take([declared(FAILED), seen("lab-2", 80, "lab", MILK, **FAILS | {"item": "cadmium"})])
    second, first = recall_page(recalls, True, 5)["items"]
    assert (first["id"], second["id"]) == (NAME, recall_id("lab-2"))
    assert first["refuted"] is not None and second["refuted"] is None
    recalls.act(NAME, Closed(T0 + 6000, "Li", "the sample was of another lot"))
    shown = Lots(recalls, house.city).public("L7")
    assert shown is not None
    assert [(each["closed"], each["refuted"] is None) for each in shown["recalls"]] == [(False, True), (True, False)]


def test_of_one_that_is_over_it_is_said_too(recalls: Recalls) -> None:  # noqa: F811
    recalls.take([MADE, FAILED])
    recalls.act(NAME, Closed(T0 + 2000, "Li", "all destroyed"))
    recalls.take([declared(FAILED)])
    (one,) = recall_page(recalls, False, 5)["items"]
    assert one["closed"] == T0 + 2000 and one["refuted"] is not None
