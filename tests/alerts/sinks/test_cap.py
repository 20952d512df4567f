"""The answers of a CAP recipient: what counts as taken, as signed for, as refused for good."""

import socket
from pathlib import Path

import httpx
import pytest

from alerts.sinks import Receipt
from alerts.sinks.cap import CapSink
from alerts.warnings.cap import NAMESPACE
from tests.alerts.sinks.set_ups import Gateway, ack
from tests.alerts.warnings.test_cap import statement
from topics.errors import DeliveryError


@pytest.mark.parametrize(
    ("status", "retriable"),
    [
        (500, True),
        (502, True),
        (503, True),
        (408, True),
        (429, True),
        (301, True),
        (400, False),
        (404, False),
        (422, False),
    ],
)
async def test_only_2xx_counts_and_only_a_refusal_of_the_message_is_final(status: int, retriable: bool) -> None:
    sink = Gateway(lambda _: httpx.Response(status, text="why"), statement()).sink()
    with pytest.raises(DeliveryError, match=f"answered {status}: why") as failure:
        await sink.deliver(statement())
    assert (failure.value.status, failure.value.retriable) == (status, retriable)


async def test_the_receipt_bears_who_signed_and_when() -> None:
    receipt = await Gateway(ack, statement()).sink().deliver(statement())
    assert receipt == Receipt(200, "officer Li", 1_767_196_800_000, "ack-1")


async def test_taken_without_an_ack_is_delivered_but_signed_for_by_nobody() -> None:
    receipt = await Gateway(lambda _: httpx.Response(202), statement()).sink().deliver(statement())
    assert receipt == Receipt(202)


async def test_an_ack_of_another_message_is_no_receipt() -> None:
    gateway = Gateway(lambda said: ack(said, references="a,other,2026-01-01T00:00:00+08:00"), statement())
    with pytest.raises(DeliveryError, match=r"expected an Ack of citybrain\.test-1-2-3, got Ack of other") as failure:
        await gateway.sink().deliver(statement())
    assert failure.value.retriable


async def test_a_cap_error_is_final_and_says_why() -> None:
    gateway = Gateway(lambda said: ack(said, "Error", note="no such area"), statement())
    with pytest.raises(DeliveryError, match="bureau refused it: no such area") as failure:
        await gateway.sink().deliver(statement())
    assert not failure.value.retriable


async def test_a_recipient_that_never_answers_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # the kernel connects, nobody answers
        sink = CapSink(f"http://127.0.0.1:{deaf.getsockname()[1]}/cap", timeout_s=0.1)
        with pytest.raises(DeliveryError, match=r"(Read|Connect)Timeout") as failure:  # the latter on a busy machine
            await sink.deliver(statement())
        await sink.close()
    assert failure.value.retriable


async def test_an_external_entity_in_an_answer_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><alert xmlns="{NAMESPACE}"><note>&x;</note></alert>'
    sink = Gateway(lambda _: httpx.Response(400, content=body.encode()), statement()).sink()
    with pytest.raises(DeliveryError) as failure:
        await sink.deliver(statement())
    assert "the secret" not in str(failure.value)
