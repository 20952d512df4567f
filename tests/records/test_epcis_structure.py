"""Our structural rules over EPCIS documents: each fault at its place, all of them, and none in what we answer."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.custody.query import document
from records.epcis_identity import identity_remarks
from records.epcis_structure import document_faults, required_faults
from records.event_hash import event_hash

EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-11-27T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "ADD",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.011111.1", "quantity": 5, "uom": "KGM"}],
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "bizTransactionList": [{"bizTransaction": "urn:epcglobal:cbv:bt:69:1", "type": "po"}],
    "sourceList": [{"source": "urn:epc:id:pgln:4012345.00000", "type": "owning_party"}],
    "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4.0, "uom": "CEL"}]}],
    "ilmd": {"example:batch": "1"},
}


def wrapped(*events: Any, **more: Any) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-27T08:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | more


def places(told: Any) -> list[str]:
    return [each.where.removeprefix("$.epcisBody.eventList") for each in document_faults(told)]


def test_what_the_query_interface_answers_has_no_fault() -> None:
    assert places(wrapped(EVENT)) == []
    assert list(document_faults(document([EVENT, EVENT | {"eventID": "urn:uuid:1"}], 1_800_000_000_000))) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"type": ""}, ".type"),
        ({"action": "LOOK"}, ".action"),
        ({"epcList": [], "quantityList": [], "sensorElementList": []}, ".epcList"),
        ({"eventTime": "2026-11-27T08:00:00"}, ".eventTime"),
        ({"eventTimeZoneOffset": "+8"}, ".eventTimeZoneOffset"),
        ({"recordTime": 5}, ".recordTime"),
        ({"epcList": ["no uri"]}, ".epcList[0]"),
        ({"epcList": ["urn:a", "urn:a"]}, ".epcList[1]"),
        ({"epcList": "urn:a"}, ".epcList"),
        ({"quantityList": [{"epcClass": "urn:a", "quantity": 0}]}, ".quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": "urn:a", "uom": "KGM"}]}, ".quantityList[0].uom"),
        ({"quantityList": [{"quantity": 2}]}, ".quantityList[0].epcClass"),
        ({"readPoint": "urn:a"}, ".readPoint"),
        ({"bizTransactionList": [{"type": "po"}]}, ".bizTransactionList[0].bizTransaction"),
        ({"sourceList": [{"source": "urn:a"}]}, ".sourceList[0].type"),
        ({"sensorElementList": [{"sensorReport": []}]}, ".sensorElementList[0].sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"value": 1}]}]}, ".sensorElementList[0].sensorReport[0].type"),
        ({"action": "OBSERVE"}, ".ilmd"),
        ({"eventID": 7}, ".eventID"),
        ({"errorDeclaration": {}}, ".errorDeclaration.declarationTime"),
    ],
)
def test_each_fault_is_told_at_its_place_and_alone(change: dict[str, Any], where: str) -> None:
    assert places(wrapped(EVENT, EVENT | change)) == [f"[1]{where}"]


def test_every_fault_is_told_not_the_first_alone() -> None:
    bad = EVENT | {"action": "", "eventTime": "today", "epcList": [1, 2]}
    assert places(wrapped(bad, "text")) == [
        "[0].action",
        "[0].eventTime",
        "[0].epcList[0]",
        "[0].epcList[1]",
        "[1]",
    ]


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ([], ["$"]),
        ({"type": "Letter"}, ["$.type"]),
        (wrapped(EVENT, schemaVersion="1.2", creationDate="now"), ["$.schemaVersion", "$.creationDate"]),
        (wrapped(epcisBody={"eventList": {}}), ["$.epcisBody.eventList"]),
        (wrapped(epcisBody=[], type="EPCISQueryDocument"), ["$.epcisBody.queryResults.resultsBody.eventList"]),
    ],
)
def test_a_document_that_is_none_is_told_so(told: Any, where: list[str]) -> None:
    assert [each.where for each in document_faults(told)] == where


def test_one_id_is_one_events_and_a_hash_that_is_not_its_own_is_remarked() -> None:
    named = EVENT | {"eventID": event_hash(EVENT)}
    assert list(identity_remarks(wrapped(named))) == []
    changed = named | {"action": "OBSERVE", "ilmd": {}}
    (remark,) = identity_remarks(wrapped(named, changed))
    assert remark.where == "$.epcisBody.eventList[1].eventID" and event_hash(changed) in remark.required
    assert "[1].eventID" in places(wrapped(named, changed)), "and two events bear one id"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*EVENT, "id"]), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([*EVENT, "errorDeclaration", "eventID"]))
@settings(max_examples=80, deadline=None)
def test_whatever_comes_is_told_and_never_raises(anything: Any, key: str) -> None:
    list(document_faults(anything))
    told = list(document_faults(wrapped(EVENT | {key: anything}, anything)))
    assert all(each.where.startswith("$") and each.required and each.got for each in told)
    list(required_faults(anything))
    list(identity_remarks(wrapped(anything)))
