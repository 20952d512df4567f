"""Dead letters on a real broker: listed, explained, and put back byte for byte; a gateway's frame is not."""

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from streams.commands.dead_letters import app, since_ms
from streams.log_reading import put, records_until_now, writer
from topics.catalog import CITY_TOPICS
from topics.connection import KafkaConnection
from topics.dead_letter import REPLAYED_HEADER, TOPIC, DeadLetter, to_headers
from topics.declare import declare
from topics.errors import CityBrainError, ConfigurationError
from topics.topic import Topic

pytestmark = pytest.mark.kafka

TEXT = '{"series":"a/b/c/Rtd","time":1700000000000,"value":"多"}'.encode()
FRAME = b"##0101QN=2016\xff\x00&&1C81"


@dataclass
class Box:
    """A topic of its own with dead letters of it; ``places`` in the order written."""

    connection: KafkaConnection
    topic: str
    places: list[str] = field(default_factory=list)

    def put(self, reason: str, value: bytes, key: bytes | None = b"site-1", topic: str = "", at: int = 0) -> str:
        letter = DeadLetter(topic or self.topic, 2, 40, reason, "why it was refused", "a test", at or _now())
        with writer(self.connection) as producer:
            kept = put(producer, TOPIC, key=key, value=value, headers=to_headers(letter))
        self.places.append(f"{kept.partition}:{kept.offset}")
        return self.places[-1]

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--brokers", self.connection.brokers])

    def on_topic(self) -> list[tuple[int, bytes | None, bytes, list[tuple[str, bytes]]]]:
        records = records_until_now(self.connection, self.topic)
        return [(record.partition, record.key, record.value, list(record.headers)) for record in records]


def _now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def box(kafka: str) -> Iterator[Box]:
    connection, name = KafkaConnection(kafka), f"readings.t{uuid.uuid4().hex[:8]}"
    declare(connection, (*CITY_TOPICS, Topic(name, "site id", bytes, 4, -1, False, 1_048_588, "a test's own")))
    yield Box(connection, name)


def test_letters_are_listed_by_reason_topic_and_time(box: Box) -> None:
    old = box.put("schema_mismatch", TEXT, at=_now() - 7_200_000)
    new = box.put("schema_mismatch", TEXT)
    other = box.put("wrong_partition", TEXT)
    for words, expected in (
        ((), [old, new, other]),
        (("--reason", "schema_mismatch"), [old, new]),
        (("--since", "1h"), [new, other]),
        (("--since", "1h", "--reason", "wrong_partition"), [other]),
        (("--limit", "1"), [other]),
    ):
        result = box.run("list", "--topic", box.topic, "--json", *words)
        assert result.exit_code == 0
        assert [letter["place"] for letter in json.loads(result.stdout)["letters"]] == expected
    assert "wrong_partition" in box.run("list", "--topic", box.topic).stdout


def test_one_letter_is_explained_with_its_bytes(box: Box) -> None:
    place = box.put("schema_mismatch", TEXT)
    shown = json.loads(box.run("show", place, "--json").stdout)
    assert shown["text"].encode() == TEXT
    assert (shown["reason"], shown["key"], shown["topic"]) == ("schema_mismatch", "site-1", box.topic)
    assert shown["now"] == "schema_mismatch: Expected `float | null`, got `str` - at `$.value`"
    page = box.run("show", place).stdout
    assert "字段不符合该主题的结构" in page
    assert '"value":"多"' in page


def test_bytes_that_are_no_text_are_dumped(box: Box) -> None:
    place = box.put("bad_frame", FRAME, topic="gateway/hj212")
    assert bytes.fromhex(json.loads(box.run("show", place, "--json").stdout)["hex"]) == FRAME
    assert "##0101QN=2016" in box.run("show", place).stdout


def test_a_letter_goes_back_byte_for_byte_and_says_so(box: Box) -> None:
    place = box.put("schema_mismatch", TEXT)
    result = box.run("replay", place, "--json")
    assert result.exit_code == 0, result.stdout
    (back,) = json.loads(result.stdout)["replayed"]
    ((partition, key, value, headers),) = box.on_topic()
    assert (back["topic"], back["partition"]) == (box.topic, partition)
    assert (key, value, headers) == (b"site-1", TEXT, [(REPLAYED_HEADER, place.encode())])


def test_a_letter_without_key_goes_back_to_its_partition(box: Box) -> None:
    assert box.run("replay", box.put("schema_mismatch", TEXT, key=None)).exit_code == 0
    assert [(partition, key) for partition, key, _, _ in box.on_topic()] == [(2, None)]


def test_a_filter_puts_back_what_it_takes(box: Box) -> None:
    box.put("schema_mismatch", TEXT)
    box.put("wrong_partition", b"1")
    box.put("wrong_partition", b"2")
    assert box.run("replay", "--topic", box.topic, "--reason", "wrong_partition").exit_code == 0
    assert [value for _, _, value, _ in box.on_topic()] == [b"1", b"2"]


def test_a_gateways_frame_is_refused_clearly(box: Box) -> None:
    result = box.run("replay", box.put("bad_frame", FRAME, topic="gateway/hj212"), "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["replayed"] == []
    assert "a frame of gateway/hj212: the device must send it again" in answer["refused"][0]


def test_a_letter_whose_headers_are_gone_is_shown_and_not_put_back(box: Box) -> None:
    with writer(box.connection) as producer:
        kept = put(producer, TOPIC, key=b"k", value=b"v", headers=[("topic", b"readings.x")])
    place = f"{kept.partition}:{kept.offset}"
    assert "`partition`" in json.loads(box.run("show", place, "--json").stdout)["problem"]
    result = box.run("replay", place)
    assert result.exit_code == 1
    assert "expected headers that say where it came from" in result.stderr


@pytest.mark.parametrize("place, told", [("0:99999999", "got nothing"), ("x", 'expected "partition:offset"')])
def test_a_place_with_nothing_there_is_told(box: Box, place: str, told: str) -> None:
    result = box.run("show", place)
    assert isinstance(result.exception, CityBrainError)
    assert told in str(result.exception)


def test_wrong_use_is_told(box: Box) -> None:
    for words in (
        ("replay",),
        ("replay", "0:1", "--since", "1h"),
        ("list", "--reason", "bored"),
        ("list", "--since", "x"),
    ):
        result = box.run(*words)
        assert isinstance(result.exception, ConfigurationError), words


def test_since_reads_spans_and_times() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert since_ms("90s", 1_000_000, zone) == 910_000
    assert (
        since_ms("2015-08-12T22:51:46", 0, zone) == since_ms("2015-08-12T14:51:46+00:00", 0, zone) == 1_439_391_106_000
    )
