"""What the gateway allows and whom it believes: each limit bites alone, is counted, and loses nothing."""

from ipaddress import ip_network

import msgspec
import pytest

from streams.sources.device_limits import BURST_S, Limits
from streams.sources.hj212.client import DeviceClient, build_segment
from streams.sources.hj212.crc import crc_text
from streams.sources.hj212.device_keys import DeviceKey, DeviceKeys
from streams.sources.hj212.sm4 import encrypt_segment
from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import until
from tests.streams.sources.hj212.plant import frame
from tests.streams.sources.hj212.test_gateway import DEAD, READINGS, gateway, qns
from topics.dead_letter import from_headers
from topics.domain import Domain, Quantity
from topics.finding import Text
from topics.reading import Reading

KEY = b"0" * 16


async def test_connections_of_one_address_are_bounded() -> None:
    async with gateway(MemoryPublisher(), limits=Limits(per_address=2)) as (source, device):
        await device.deliver(frame())
        async with DeviceClient("127.0.0.1", source.port) as second:
            await second.deliver(frame())
            async with DeviceClient("127.0.0.1", source.port) as third:
                assert await third.answer() is None
        assert source.counts["limit_connections_per_address"] == 1
        await until(lambda: len(source.connections) == 1)
        async with DeviceClient("127.0.0.1", source.port) as again:  # room was made
            assert b"CN=9014;" in await again.deliver(frame())


async def test_a_frame_too_large_is_a_dead_letter_and_the_next_one_is_taken() -> None:
    publisher = MemoryPublisher()
    large = frame("DataTime=20160801085857;" + ";".join(f"x{number:04d}-Rtd=1" for number in range(100)))
    async with gateway(publisher, limits=Limits(frame_bytes=1024)) as (source, device):
        await device.send(large)
        assert b"CN=9014;" in await device.deliver(frame())
        assert (source.counts["limit_frame_size"], source.counts["frame_bad_length"]) == (1, 1)
    (letter,) = publisher.of(DEAD)
    assert letter.value == large and "at most 1024" in from_headers(letter.headers).detail


async def test_a_device_that_sends_too_much_is_read_more_slowly_and_loses_nothing() -> None:
    publisher = MemoryPublisher()
    many = int(BURST_S * 2) + 1
    async with gateway(publisher, limits=Limits(frames_per_s=2)) as (source, device):
        await device.send(b"".join(frame(qn=qn) for qn in qns(many)))
        answers = [await device.answer() or b"" for _ in range(many)]
        assert [answer[9:26].decode() for answer in answers] == qns(many)
        await device.deliver(frame(qn="20160801090000000"))  # read half a second later
        assert source.counts["limit_frame_rate"] >= 1
    assert len(publisher.of(READINGS)) == many + 1


async def test_idle_and_unfinished_are_counted() -> None:
    async with gateway(MemoryPublisher(), limits=Limits(idle_s=0.3, frame_s=0.05)) as (source, device):
        await device.send(frame()[:40])
        assert await device.answer() is None
        assert (source.counts["limit_unfinished_frame"], source.counts["limit_idle"]) == (1, 1)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (DeviceKey(password="secret"), "the password (PW) is not the device's"),
        (DeviceKey(peers=(ip_network("192.0.2.0/24"),)), "127.0.0.1 is no address"),
    ],
)
async def test_who_is_not_who_he_says_is_kept_apart_and_not_answered(key: DeviceKey, words: str) -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, keys=DeviceKeys({"OUTLET1": key})) as (source, device):
        await device.send(frame())
        assert b"MN=MAPPED1;" in await device.deliver(frame(mn="MAPPED1"))
        assert source.counts["frame_bad_credentials"] == source.counts["bad_credentials"] == 1
    (letter,) = publisher.of(DEAD)
    told = from_headers(letter.headers)
    assert (told.reason, letter.key, letter.value) == ("bad_credentials", "OUTLET1", frame()[:-2])
    assert words in told.detail and "secret" not in told.detail
    assert len(publisher.of(READINGS)) == 1


def encrypted(key: bytes) -> bytes:
    cp = "DataTime=20160801085857;w01018-Rtd=12.5,w01018-Flag=N"
    plain = build_segment(qn="20160801085857223", st="32", cn="2011", mn="OUTLET1", cp=cp, flag=9).encode()
    return b"##%04d%b%b\r\n" % (len(plain), encrypt_segment(plain, key), crc_text(plain))


async def test_an_encrypted_frame_is_a_frame_like_any_other_with_its_key() -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, keys=DeviceKeys({"OUTLET1": DeviceKey(sm4_key=KEY)})) as (_, device):
        assert b"CN=9014;" in await device.deliver(encrypted(KEY))
    (record,) = publisher.of(READINGS)
    assert msgspec.json.decode(record.value, type=Reading).value == 12.5


@pytest.mark.parametrize(("key", "code"), [(b"1" * 16, "crc_encrypted"), (b"", "encrypted")])
async def test_without_the_right_key_it_is_kept_as_it_came(key: bytes, code: str) -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, keys=DeviceKeys({"OUTLET1": DeviceKey(sm4_key=key)})) as (source, device):
        await device.send(encrypted(KEY))
        await until(lambda: publisher.of(DEAD))
        assert source.counts["acknowledged"] == 0
    (letter,) = publisher.of(DEAD)
    assert dict(letter.headers)["diagnosis"] == code.encode() and letter.value == encrypted(KEY)


async def test_a_repeat_over_another_line_is_known() -> None:
    async with gateway(MemoryPublisher()) as (source, device):
        await device.deliver(frame())
        async with DeviceClient("127.0.0.1", source.port) as again:
            await again.deliver(frame())
        assert source.counts["frame_duplicate"] == 1


async def test_a_stated_unit_becomes_the_packs_and_says_what_was_sent(pollution: Domain) -> None:
    publisher = MemoryPublisher()
    async with gateway(publisher, domains={"pollution": pollution}) as (_, device):
        await device.deliver(frame("DataTime=20160801085857;w01018-Rtd=12500,w01018-Cou=3,w01018-Flag=N"))
    rtd, cou = (msgspec.json.decode(each, type=Reading) for each in publisher.values(READINGS))
    assert (rtd.value, rtd.unit, rtd.sent) == (12.5, "mg/L", "12500 ug/L")
    assert (cou.value, cou.unit, cou.sent) == (3.0, "kg", "")


@pytest.fixture
def pollution() -> Domain:
    cod = Quantity(Text("化学需氧量", "COD"), "mg/L", "cod", 60.0, (0.0, 500.0), 0.1)
    return Domain("pollution", Text("污染源", "Pollution"), 1, "Env", {"w01018": cod}, {}, (), {})
