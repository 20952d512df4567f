"""The codec: exactly the poison is refused, controls are known, the partitioner is Kafka's."""

import json
import random

import msgspec
import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_python_murmur2

from topics.codec import decode_fetch, decode_readings, encode, partition_of, unknown_fields
from topics.reading import Control, Reading

T = 1_700_000_000_000
ROWS = [Reading(f"site-{n}/d/q/Rtd", T + n, float(n)) for n in range(50)]
GOOD = [encode(row) for row in ROWS]

#: What came → (reason, what the detail must say).
POISON: dict[bytes | None, tuple[str, str]] = {
    None: ("malformed_json", "truncated"),
    b"": ("malformed_json", "truncated"),
    b"\xff\xfe": ("malformed_json", "malformed"),
    b'{"series":"a/b/c/d","time":1700000000000,"value":NaN}': ("malformed_json", "malformed"),
    b'{"series":"\xff","time":1700000000000,"value":1}': ("malformed_json", "utf-8"),
    b'{"series":"a/b/c/d","time":1700000000000,"value":1': ("malformed_json", "truncated"),
    b'{"series":"a/b/c/d","time":1700000000000,"value":"1"}': ("schema_mismatch", "$.value"),
    b'{"series":"a/b/c/d","time":1700000000000}': ("schema_mismatch", "`value`"),
    b'{"series":"a/b/c/d","time":17,"value":1}': ("schema_mismatch", "$.time"),
    b'{"series":"a/b/c/d","time":99999999999999,"value":1}': ("schema_mismatch", "$.time"),
    b'{"series":"a/b/c/d","time":1700000000000,"value":1e999}': ("schema_mismatch", "out of range"),
    b'{"series":"~boo","time":1700000000000,"value":null}': ("schema_mismatch", "$.series"),
    b"[]": ("schema_mismatch", "object"),
    b'{"series":' + b"[" * 100_000: ("schema_mismatch", "$.series"),
    b'{"x":' + b"[" * 100_000: ("malformed_json", "recursion"),
}


def test_a_good_fetch_comes_back_whole() -> None:
    fetch = decode_fetch(GOOD)
    assert fetch.rows == ROWS == decode_readings(GOOD)
    assert list(fetch.index) == list(range(50))
    assert not fetch.refused
    assert not fetch.controls


def test_an_empty_fetch_is_no_fault() -> None:
    assert decode_fetch([]).rows == decode_readings([]) == []


@pytest.mark.parametrize("poison", POISON, ids=lambda poison: repr(poison)[:40])
def test_exactly_the_poison_is_refused(poison: bytes | None) -> None:
    reason, said = POISON[poison]
    fetch = decode_fetch([*GOOD[:20], poison, *GOOD[20:]])
    assert fetch.rows == ROWS
    assert list(fetch.index) == [*range(20), *range(21, 51)]
    (refused,) = fetch.refused
    assert (refused.index, refused.reason) == (20, reason)
    assert said in refused.detail


def test_a_fetch_that_must_be_right_names_the_first_that_is_not() -> None:
    with pytest.raises(ValueError, match=r"message 1 of 3: schema_mismatch: .*\$\.value"):
        decode_readings([GOOD[0], b'{"series":"a","time":1700000000000,"value":[]}', b"x"])


@pytest.mark.parametrize(
    "halves",
    [
        # Two halves of one message, and one record with two: the number is right, every row after is shifted.
        [b'{"series":"a/b/c/d","time":1700000000000,', b'"value":1}', GOOD[0] + GOOD[1]],
        [b'{"series":"a/b/c/d","time":1700000000000,', b'"value":1}', GOOD[0] + b"\n" + GOOD[1]],
        [b'{"x":[{}', b'{}],"series":"a/b/c/d","time":1700000000000,"value":1}', GOOD[0] + b"," + GOOD[1]],
        [b'{"x":[{}', b',{}],"series":"a/b/c/d","time":1700000000000,"value":1}', GOOD[0] + GOOD[1]],
        [b"", GOOD[0] + GOOD[1]],
    ],
)
def test_messages_that_melt_into_each_other_are_refused_each_alone(halves: list[bytes]) -> None:
    fetch = decode_fetch([GOOD[5], *halves, GOOD[6]])
    assert fetch.rows == [ROWS[5], ROWS[6]]
    assert [refused.index for refused in fetch.refused] == list(range(1, 1 + len(halves)))


@pytest.mark.parametrize(
    "written",
    [
        encode(Control("~tick", T)),
        b'{"series":"~tick","time":1700000000000}',
        b' {"time":1700000000000 , "series":"\\u007etick","value":null}\n',
    ],
)
def test_a_control_keeps_its_place_however_it_is_written(written: bytes) -> None:
    fetch = decode_fetch([GOOD[0], written, GOOD[1]])
    assert fetch.controls == [(1, Control("~tick", T))]
    assert [row.series for row in fetch.rows] == [ROWS[0].series, "~tick", ROWS[1].series]


def test_a_control_names_its_artefact() -> None:
    config = Control("~config", T, ref="domain/food@" + "0" * 64)
    assert decode_fetch([encode(config)]).controls == [(0, config)]


def test_pretty_printed_messages_are_as_good() -> None:
    pretty = [json.dumps(json.loads(value), indent=2).encode() + b"\n" for value in GOOD]
    assert decode_fetch(pretty).rows == ROWS


def test_a_newer_message_is_read_its_unknown_fields_counted() -> None:
    newer = json.dumps(json.loads(GOOD[0]) | {"mood": {"deep": [1]}, "schema": 7, "weather": 2}).encode()
    assert decode_fetch([newer]).rows == [msgspec.structs.replace(ROWS[0], schema=7)]
    assert unknown_fields(newer) == 2
    assert unknown_fields(GOOD[0]) == 0


def test_the_fields_of_a_tick_are_known_and_those_of_a_newer_one_are_counted() -> None:
    tick = encode(Control("~tick", 1_767_225_600_000))
    assert unknown_fields(tick) == 0
    assert unknown_fields(tick[:-1] + b',"mood":"calm"}') == 1


def test_an_older_reader_takes_what_we_write() -> None:
    class OldReading(msgspec.Struct):
        series: str
        time: int
        value: float | None

    full = Reading("a/b/c/d", T, 1.5, "N", "mg/L", "x", T, T, T + 60_000, True)
    assert msgspec.json.decode(encode(full), type=OldReading) == OldReading("a/b/c/d", T, 1.5)


def test_equal_messages_are_equal_byte_for_byte() -> None:
    one, other = {"b": 1, "a": 2}, {"a": 2, "b": 1}
    assert encode(one) == encode(other) == b'{"a":2,"b":1}'


@given(st.text(max_size=60), st.integers(1, 512))
def test_the_partition_is_that_of_both_clients(key: str, partitions: int) -> None:
    expected = (kafka_python_murmur2(key.encode()) & 0x7FFFFFFF) % partitions
    assert partition_of(key, partitions) == expected == (aiokafka_murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def test_any_mixture_gives_what_one_by_one_gives() -> None:
    chance = random.Random(7)
    pool = [*GOOD, *(poison for poison in POISON if poison is None or len(poison) < 200), encode(Control("~tick", T))]
    for _ in range(300):
        values = chance.choices(pool, k=chance.randrange(1, 12))
        fetch = decode_fetch(values)
        alone = [decode_fetch([value]) for value in values]
        assert fetch.rows == [row for each in alone for row in each.rows]
        assert [(refused.reason, refused.detail) for refused in fetch.refused] == [
            (refused.reason, refused.detail) for each in alone for refused in each.refused
        ]
