"""Warnings in the form of GB/T 35965 over HTTP to the city's release system."""

import asyncio

import httpx

from alerts.sinks.addresses import Names, address_book, addresses_of
from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_address, require_fit
from alerts.sinks.http import http_client, post, require_taken
from alerts.warnings.gbt35965 import to_gbt35965
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError


class Gbt35965Sink(Sink):
    """Posts to the address of each authority in ``urls`` (an address book); a 2xx is a receipt without signature."""

    def __init__(
        self,
        urls: str,
        sender_code: str,
        names: Names | None,
        *,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._urls = address_book(urls, "CITYBRAIN_GBT35965_URL")
        self._sender_code = sender_code
        self._names = names
        self._client = http_client(timeout_s, transport)

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        found = next(iter(addresses_of(self._urls, said.authority)), None)
        url = require_address(found, "gbt35965", said.authority, "CITYBRAIN_GBT35965_URL")
        if self._names is None:
            raise DeliveryError("gbt35965: expected a store to take names from, got none", retriable=False)
        try:
            names = await asyncio.to_thread(self._names, said)
            body = to_gbt35965(said, names, self._sender_code)
        except ValueError as error:
            raise DeliveryError(str(error), retriable=False) from error
        response = await post(self._client, url, body, {"content-type": "application/xml; charset=utf-8"})
        require_taken(url, response)
        return Receipt(response.status_code, reference=names[said.identifier])

    async def close(self) -> None:
        await self._client.aclose()
