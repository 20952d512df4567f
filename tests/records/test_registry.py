"""The registry: what the topic says is what is known, and known at the event's own time."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.registry import Device, Registry, SeriesMeta, SeriesRecord, Site, message, registry_of
from topics.finding import Text

T0 = 1_439_337_600_000
SITE = Site("port-01", "hazardous-cargo", Text("港口一", "Port one"), "瑞海", "120116", 39.04, 117.74)
DEVICE = Device("MN88", "port-01", "hj212", {"so2": SeriesMeta("mg/m3")})


def test_a_series_is_known_by_site_and_device() -> None:
    registry = registry_of([SITE, DEVICE])
    known = registry.knows("port-01/MN88/so2/Rtd")
    assert isinstance(known, SeriesRecord)
    assert (known.site, known.device, known.quantity, known.statistic) == (SITE, DEVICE, "so2", "Rtd")
    assert known.meta.unit == "mg/m3"
    assert known.group == "port-01"
    assert registry.knows("port-02/MN88/so2/Rtd") == "unknown_site"
    assert registry.knows("port-01/MN89/so2/Rtd") == "unknown_device"
    with pytest.raises(ValueError, match="expected"):
        registry.knows("port-01/MN88/so2")


def test_a_device_of_another_site_is_not_known_at_this_one() -> None:
    other = msgspec.structs.replace(SITE, id="port-02")
    assert registry_of([SITE, other, DEVICE]).knows("port-02/MN88/so2/Rtd") == "unknown_device"


@pytest.mark.parametrize(
    ("time", "expected"), [(T0 - 1, "unknown_device"), (T0, None), (T0 + 999, None), (T0 + 1_000, "unknown_device")]
)
def test_validity_is_asked_by_event_time(time: int, expected: str | None) -> None:
    device = msgspec.structs.replace(DEVICE, valid_from=T0, valid_to=T0 + 1_000)
    known = registry_of([SITE, device]).knows("port-01/MN88/so2/Rtd", time)
    assert (known if isinstance(known, str) else None) == expected


def test_messages_rebuild_the_registry_and_an_empty_value_forgets() -> None:
    registry = registry_of([SITE, DEVICE])
    again = Registry()
    for key, value in registry.to_messages():
        again.apply(key, value)
    assert again.to_messages() == registry.to_messages()
    assert again.apply("site/port-01", None) is None
    assert again.site("port-01") is None
    assert again.devices("port-01") == [DEVICE]


def test_aliases_find_the_record_and_go_with_it() -> None:
    named = msgspec.structs.replace(SITE, aliases=("urn:epc:id:sgln:69012345.0000.0",))
    registry = registry_of([named])
    assert registry.site_called("urn:epc:id:sgln:69012345.0000.0") == named
    assert registry.site_called("port-01") == named
    registry.put(SITE)
    assert registry.site_called("urn:epc:id:sgln:69012345.0000.0") is None
    assert registry.device_called("urn:epc:id:sgln:69012345.0000.0") is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("port-01", b"{}", "site/<id>"),
        ("site/", b"{}", "site/<id>"),
        ("site/port-01", b"{", "site/port-01"),
        ("site/port-01", b"\xff", "site/port-01"),
        ("site/other", message(SITE)[1], 'expected id "other"'),
        ("site/port-01", message(SITE)[1].replace(b"117.74", b"217.74"), r"\$\.lon"),
        ("site/port-01", message(SITE)[1].replace(b"120116", b"Binhai"), r"\$\.district"),
        ("device/a/b", message(msgspec.structs.replace(DEVICE, id="a/b"))[1], r"\$\.id"),
    ],
)
def test_a_broken_message_is_refused_and_changes_nothing(key: str, value: bytes, words: str) -> None:
    registry = registry_of([SITE])
    with pytest.raises(ValueError, match=words):
        registry.apply(key, value)
    assert registry.to_messages() == [message(SITE)]


def test_a_newer_writers_fields_are_ignored() -> None:
    key, value = message(SITE)
    registry = Registry()
    assert registry.apply(key, value.replace(b"{", b'{"colour":"red",', 1)) == SITE


@given(st.text(max_size=20), st.binary(max_size=60))
def test_whatever_stands_on_the_topic_only_a_value_error_comes(key: str, value: bytes) -> None:
    registry = Registry()
    for attempt in (key, f"site/{key}", f"device/{key}"):
        try:
            registry.apply(attempt, value)
        except ValueError as error:
            assert str(error)
