"""The CBV 2.0 event hash: the standard's published hashes, and that only what an event says changes it."""

import datetime as dt
import hashlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.digital_link import canonical
from records.event_hash import event_hash, extra_context, pre_hash

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"example": "https://ns.example.com/epcis/"},
]


def at(time: str, **more: Any) -> dict[str, Any]:
    return {"type": "ObjectEvent", "eventTime": time, "eventTimeZoneOffset": "+01:00", "action": "OBSERVE"} | more


def place(name: str) -> dict[str, str]:
    return {"id": f"urn:epc:id:sgln:{name}"}


def sensor(report: str, **more: Any) -> dict[str, Any]:
    return {"type": report} | more


#: The reference examples 1 to 3 that are published with the algorithm (CBV 2.0 8.9; its reference implementation
#: RalphTro/epcis-event-hash-generator, tests/examples), and its examples of an error declaration, of rounding and of
#: a disposition that lasts: each event, and its published digest.
PUBLISHED: dict[str, tuple[dict[str, Any], str]] = {
    "1, extensions": (
        at(
            "2020-03-04T11:00:30.000+01:00",
            recordTime="2020-03-04T11:00:30.999+01:00",
            epcList=[f"urn:epc:id:sscc:4012345.0000000{each}" for each in ("333", "111", "222")],
            bizStep="departing",
            readPoint=place("4012345.00011.987"),
            **{
                "example:myField1": {"example:mySubField1": "2", "example:mySubField2": "5"},
                "example:myField2": "0",
                "example:myField3": {"example:mySubField3": ["3", "1"]},
            },
        ),
        "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7",
    ),
    "2, sensors": (
        at(
            "2020-04-01T15:00:00+01:00",
            epcList=["urn:epc:id:sgtin:4012345.011111.9876"],
            bizStep="inspecting",
            readPoint=place("4012345.00005.0"),
            sensorElementList=[
                {
                    "sensorMetadata": {
                        "deviceID": "urn:epc:id:giai:4000001.111",
                        "deviceMetadata": "https://id.gs1.org/8004/4000001111",
                    },
                    "sensorReport": [
                        sensor("Temperature", value=26, sDev=0.1, uom="CEL"),
                        sensor("AbsoluteHumidity", value=12.1, uom="A93"),
                        sensor(
                            "Dimensionless",
                            microorganism="https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
                            value=0.05,
                            uom="C35",
                        ),
                        sensor(
                            "Dimensionless",
                            chemicalSubstance="https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N",
                            value=0.18,
                            uom="C35",
                        ),
                    ],
                }
            ],
        ),
        "49b13037c36e84ad9307c531671b00e901318c3957e4b1151f816ec49eb668da",
    ),
    "3, from whom to whom": (
        at(
            "2020-03-04T11:00:30+01:00",
            epcList=["urn:epc:id:sgtin:0614141.011111.987"],
            bizStep="departing",
            disposition="in_transit",
            readPoint=place("4012345.00011.0") | {"example:myField1": "AB-12"},
            bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}],
            sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
            destinationList=[{"type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00000"}],
            **{"example:userExt": "CD-34"},
        ),
        "a13cbe6c8bb6df3710b3edaeff760a1365ec8fd69ca1f4d7e0c10eb5189a883a",
    ),
    "an error declaration": (
        {
            "type": "TransformationEvent",
            "eventTime": "2020-01-14T00:00:00.000+01:00",
            "eventTimeZoneOffset": "+01:00",
            "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
            "inputEPCList": ["urn:epc:id:sgtin:4012345.011111.987"],
            "outputEPCList": ["urn:epc:id:sgtin:4012345.033333.AGHFG"],
            "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.022222.87545GHGH"}],
            "outputQuantityList": [
                {"epcClass": "urn:epc:idpat:sgtin:4012345.044444.*", "quantity": 452.0, "uom": "KGM"}
            ],
            "bizStep": "commissioning",
            "readPoint": place("4012345.00000.0"),
            "errorDeclaration": {"declarationTime": "2020-01-15T00:00:00.000+01:00", "reason": "incorrect_data"},
        },
        "e16ce101f3d7383612e00b74419b2d88f12baa6a124b0e390252d396687d5cf7",
    ),
    "rounded up at the fourth decimal": (
        at(
            "2023-02-02T11:04:03.1415Z",
            epcList=["https://id.gs1.de/00/040123451111111110"],
            bizStep="shipping",
            disposition="in_transit",
            readPoint={"id": "https://id.gs1.de/414/4012345000115"},
        ),
        "af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6",
    ),
    "set for good": (
        at(
            "2021-04-01T15:00:00+01:00",
            epcList=["urn:epc:id:sgtin:4012345.011111.1", "urn:epc:id:sgtin:4012345.011111.2"],
            bizStep="shipping",
            disposition="in_transit",
            readPoint=place("4012345.00005.0"),
            persistentDisposition={"set": ["recalled"]},
        ),
        "f6a9d89f2cd8d7931daa3d4c3d48399c2173b88417932f8cc04d021671e7d01e",
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_hashes(name: str) -> None:
    event, digest = PUBLISHED[name]
    assert event_hash(event, CONTEXT) == f"ni:///sha-256;{digest}?ver=CBV2.0", pre_hash(event, CONTEXT)


@pytest.mark.parametrize(
    ("said", "meant"),
    [  # the standard's own conversions (EPC Tag Data Standard, Digital Link 1.2), as the reference's tests list them
        ("urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()", "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"),
        ("urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111"),
        ("urn:epc:id:sgln:4012345.00005.0", "414/4012345000054"),
        ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
        ("urn:epc:id:gdti:987659999999..9", "253/98765999999929"),
        ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", "8010/061414111111111111111-A%23%2F/8011/1234"),
        ("urn:epc:id:itip:4012345.011111.01.02.987", "8006/040123451111180102/21/987"),
        ("urn:epc:id:pgln:999999999999.", "417/9999999999994"),
        ("urn:epc:idpat:grai:4012345.99999.*", "8003/04012345999990"),
        ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"),
        ("https://example.com/gtin/09780345418913/21/765tz?abc=211121", "01/09780345418913/21/765tz"),
        ("https://id.gs1.org/gtin/9780345418913/cpv/344/lot/1223/ser/765tz", "01/09780345418913/21/765tz"),
        ("http://id.gs1.org/01/9780345418913/99/utfgf", None),
        ("http://example.de/abc/9780345418913", None),
        ("urn:epc:id:sgtin:4012345.0111112.9876", None),
        ("geo:47.506694,11.104301", None),
    ],
)
def test_identifiers_take_one_form(said: str, meant: str | None) -> None:
    assert canonical(said) == (None if meant is None else f"https://id.gs1.org/{meant}")
    if meant is not None:
        assert canonical(f"https://id.gs1.org/{meant}") == f"https://id.gs1.org/{meant}", "and keep it"


def test_the_digest_is_that_of_the_string() -> None:
    event, _ = PUBLISHED["2, sensors"]
    digest = hashlib.sha256(pre_hash(event).encode()).hexdigest()
    assert event_hash(event) == f"ni:///sha-256;{digest}?ver=CBV2.0"


def test_an_event_that_took_its_namespaces_along_has_the_same_hash() -> None:
    event, _ = PUBLISHED["1, extensions"]
    alone = event | {"@context": extra_context(CONTEXT)}
    assert event_hash(alone) == event_hash(event, CONTEXT) != event_hash(event)


NAMES = st.sampled_from([f"urn:epc:id:sgtin:4012345.011111.{each}" for each in range(6)])
EVENTS = st.fixed_dictionaries(
    {
        "type": st.just("ObjectEvent"),
        "action": st.sampled_from(["ADD", "OBSERVE", "DELETE"]),
        "eventTimeZoneOffset": st.just("+08:00"),
        "epcList": st.lists(NAMES, min_size=1, max_size=4, unique=True),
        "quantityList": st.lists(
            st.fixed_dictionaries(
                {
                    "epcClass": NAMES.map(lambda name: name.replace(":id:sgtin", ":class:lgtin")),
                    "quantity": st.integers(1, 9),
                }
            ),
            max_size=3,
        ),
        "bizStep": st.sampled_from(["shipping", "receiving", "retail_selling"]),
        "bizTransactionList": st.lists(
            st.fixed_dictionaries(
                {"type": st.sampled_from(["po", "inv"]), "bizTransaction": st.text("ab:", min_size=1)}
            ),
            max_size=3,
        ),
        "example:note": st.text(max_size=5),
        "ilmd": st.dictionaries(
            st.sampled_from(["example:a", "example:b"]), st.text(min_size=1, max_size=3), max_size=2
        ),
    }
)


def said_otherwise(event: dict[str, Any], time: dt.datetime, draw: random.Random) -> dict[str, Any]:
    """The same event in other words: other order, other zone, links for URNs, older names, numbers with zeros."""

    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(each)) for key, each in value.items()]
            draw.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            members = [shuffled(each) for each in value]
            draw.shuffle(members)
            return members
        if isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, str) and value.startswith("urn:epc:"):
            return str(canonical(value)).replace("id.gs1.org", "shop.example.cn") + "?linkType=all"
        return value

    zone = dt.timezone(dt.timedelta(hours=draw.randint(-12, 12)))
    other = shuffled(event)
    other["eventTime"] = time.astimezone(zone).isoformat(timespec="microseconds")
    other["bizStep"] = f"urn:epcglobal:cbv:bizstep:{event['bizStep']}"
    other["recordTime"] = "2026-01-01T00:00:00Z"
    other["eventID"] = "urn:uuid:1"
    other["errorDeclaration"] = {"declarationTime": "2026-01-01T00:00:00Z"}
    return dict(other)


@given(EVENTS, st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2030, 1, 1)), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_same_event_in_other_words_is_the_same(
    event: dict[str, Any], when: dt.datetime, draw: random.Random
) -> None:
    time = when.replace(microsecond=when.microsecond // 1000 * 1000, tzinfo=dt.UTC)
    first = event | {"eventTime": time.isoformat()}
    assert pre_hash(said_otherwise(first, time, draw), CONTEXT) == pre_hash(first, CONTEXT)


@given(EVENTS, EVENTS)
@settings(max_examples=60, deadline=None)
def test_what_says_something_else_is_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    changed = one | {"epcList": [*one["epcList"], "urn:epc:id:sgtin:4012345.011111.99"]}
    assert event_hash(changed) != event_hash(one)
    if sorted(one["epcList"]) != sorted(other["epcList"]) or one["action"] != other["action"]:
        assert event_hash(one) != event_hash(other)
