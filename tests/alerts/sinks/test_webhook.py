"""Signed webhooks: what is signed, who is asked, which answers count."""

import datetime as dt

import httpx
import msgspec
import pytest

from alerts.sinks.addresses import address_book
from alerts.sinks.base import Receipt
from alerts.sinks.http import LONGEST_RETRY_AFTER_S, retry_after_s
from alerts.sinks.webhook import KEY, SIGNATURE, TIMESTAMP, TOLERANCE_S, WebhookSink, is_genuine, signature
from alerts.warnings.statement import Statement
from tests.alerts.warnings.test_cap import statement
from topics.errors import ConfigurationError, DeliveryError

SECRET = "shared"
NOW = 1_700_000_000.0


class Listener:
    """A program that listens in memory; gives ``answers`` in turn, the last one for ever."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.calls: list[httpx.Request] = []
        self._answers = list(answers) or [httpx.Response(200)]

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def sink(self, urls: str = "http://hook.test/in", secret: str = SECRET) -> WebhookSink:
        return WebhookSink(urls, secret, transport=httpx.MockTransport(self.handle), now_s=lambda: NOW)


async def test_the_call_is_signed_over_time_and_body_and_bears_its_key() -> None:
    listener = Listener()
    await listener.sink().deliver(statement())
    (call,) = listener.calls
    assert call.headers[KEY] == "citybrain.test-1-2-3"
    assert call.headers[TIMESTAMP] == "1700000000"
    assert call.headers[SIGNATURE] == signature(SECRET, "1700000000", call.content)
    assert msgspec.json.decode(call.content, type=Statement) == statement()


def test_the_signature_is_what_the_page_says() -> None:
    # printf '1700000000:{}' | openssl dgst -sha256 -hmac shared
    assert signature(SECRET, "1700000000", b"{}") == "fc9d59757210bb86f554f5f945d67c14e4402bc4c2735b00e806391e4d95916b"


@pytest.mark.parametrize(
    ("change", "genuine"),
    [
        ({}, True),
        ({"body": b"other"}, False),
        ({"secret": "guessed"}, False),
        ({"now_s": NOW + TOLERANCE_S + 1}, False),
        ({"headers": {}}, False),
    ],
)
async def test_a_recipient_can_tell_the_genuine_call(change: dict[str, object], genuine: bool) -> None:
    listener = Listener()
    await listener.sink().deliver(statement())
    (call,) = listener.calls
    given = {"secret": SECRET, "headers": dict(call.headers), "body": call.content, "now_s": NOW}
    assert is_genuine(**(given | change)) is genuine  # type: ignore[arg-type]


async def test_whoever_answers_with_a_name_has_signed_for_it() -> None:
    answer = httpx.Response(200, json={"signed_by": "李娜", "signed_at": 5, "receipt": "r1"})
    assert await Listener(answer).sink().deliver(statement()) == Receipt(200, "李娜", 5, "r1")
    assert await Listener(httpx.Response(204)).sink().deliver(statement()) == Receipt(204)
    assert await Listener(httpx.Response(200, text="fine")).sink().deliver(statement()) == Receipt(200)


@pytest.mark.parametrize(
    ("status", "retriable"),
    [
        *((status, True) for status in (301, 307, 408, 429, 500, 503)),
        *((status, False) for status in (400, 401, 404, 410, 422)),
    ],
)
async def test_only_2xx_is_taken_and_no_redirect_is_followed(status: int, retriable: bool) -> None:
    listener = Listener(httpx.Response(status, headers={"location": "http://elsewhere.test/"}))
    with pytest.raises(DeliveryError, match=f"answered {status}") as failure:
        await listener.sink().deliver(statement())
    assert (failure.value.retriable, failure.value.status) == (retriable, status)
    assert [call.url.host for call in listener.calls] == ["hook.test"]


async def test_a_recipient_may_ask_for_time() -> None:
    listener = Listener(httpx.Response(429, headers={"retry-after": "120"}))
    with pytest.raises(DeliveryError) as failure:
        await listener.sink().deliver(statement())
    assert failure.value.retry_after_s == 120


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 15 Nov 2023 00:00:30 GMT", 30.0),
        ("Tue, 14 Nov 2023 00:00:00 GMT", 0.0),
        ("999999", LONGEST_RETRY_AFTER_S),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_bounded(asked: str, seconds: float | None) -> None:
    now = dt.datetime(2023, 11, 15, tzinfo=dt.UTC)
    assert retry_after_s(httpx.Response(503, headers={"retry-after": asked}), now) == seconds


async def test_each_authority_has_its_address_and_what_has_none_is_dead() -> None:
    listener = Listener()
    sink = listener.sink("http://all.test/?a=b; fire-brigade=http://fire.test/")
    await sink.deliver(statement(authority="fire-brigade"))
    await sink.deliver(statement(authority="anybody"))
    assert [call.url.host for call in listener.calls] == ["fire.test", "all.test"]
    with pytest.raises(DeliveryError, match="an address for anybody in CITYBRAIN_WEBHOOK_URL, got none") as dead:
        await listener.sink("fire-brigade=http://fire.test/").deliver(statement(authority="anybody"))
    assert not dead.value.retriable
    with pytest.raises(DeliveryError, match="CITYBRAIN_WEBHOOK_SECRET, got none"):
        await listener.sink(secret="").deliver(statement())


def test_an_address_book_is_one_line() -> None:
    book = address_book("a@x.test,b@x.test; fire=c@x.test\n fire=d@x.test", "EMAIL_TO")
    assert book == {"*": ("a@x.test", "b@x.test"), "fire": ("c@x.test", "d@x.test")}
    with pytest.raises(ConfigurationError, match="EMAIL_TO: expected authority=address, got 'fire='"):
        address_book("fire=", "EMAIL_TO")
