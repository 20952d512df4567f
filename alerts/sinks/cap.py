"""CAP 1.2 over HTTP to the emergency bureau's gateway, which signs for what it takes with a CAP Ack."""

import httpx

from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_fit
from alerts.sinks.http import http_client, post, require_taken
from alerts.warnings.cap import to_cap
from alerts.warnings.cap_answer import Answer, read_answer
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError

CONTENT_TYPE = "application/cap+xml"


class CapSink(Sink):
    """Posts to ``url``. Only 2xx counts as taken; a 4xx speaks of the message and is not tried again."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, transport: httpx.AsyncBaseTransport | None = None):
        self._url = url
        self._client = http_client(timeout_s, transport)

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        try:
            body = to_cap(said)
        except ValueError as error:
            raise DeliveryError(str(error), retriable=False) from error
        response = await post(self._client, self._url, body, {"content-type": CONTENT_TYPE})
        answer = _answer(response)
        require_taken(self._url, response, answer.note if answer is not None else None)
        return _receipt(said, response.status_code, answer)

    async def close(self) -> None:
        await self._client.aclose()


def _answer(response: httpx.Response) -> Answer | None:
    try:
        return read_answer(response.content)
    except ValueError:
        return None


def _receipt(said: Statement, status: int, answer: Answer | None) -> Receipt:
    """A 2xx that is no Ack means taken, but signed for by nobody."""
    if answer is None:
        return Receipt(status)
    if answer.msg_type == "Error":
        raise DeliveryError(f"{answer.sender} refused it: {answer.note}", retriable=False, status=status)
    if answer.msg_type != "Ack" or said.identifier not in answer.references:
        named = ", ".join(answer.references) or "nothing"
        message = f"expected an Ack of {said.identifier}, got {answer.msg_type} of {named}"
        raise DeliveryError(message, retriable=True, status=status)
    return Receipt(status, answer.source or answer.sender, answer.sent, answer.identifier)
