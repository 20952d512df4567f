"""Asking the alert server over its interface, from a command: where it is, who asks, and its refusals as sentences."""

from collections.abc import Iterator
from typing import Any

import httpx

from streams.settings import Settings
from topics.errors import CityBrainError, PartMissing

TIMEOUT_S = 30.0


class Declined(CityBrainError):
    """The server does not do what was asked; the text is its own sentence."""


class ServerClient:
    """Raises ``PartMissing`` where no server answers, ``Declined`` with the server's own words where it refuses."""

    def __init__(self, settings: Settings, url: str | None = None) -> None:
        self.url = (url or settings.server_url or f"http://127.0.0.1:{settings.server_port}").rstrip("/")
        self._headers = {"authorization": f"Bearer {settings.server_token}"} if settings.server_token else {}

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET; parameters that are ``None`` are left out."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """The JSON of a GET and of the pages that follow, as each names the next in its ``Link`` header (RFC 8288): of
        what stands there only the query is taken, as the token of this client goes nowhere else.
        """
        asked: dict[str, Any] | None = query
        while asked is not None:
            response = self._response("GET", path, params=asked)
            yield response.json()
            following = response.links.get("next", {}).get("url")
            asked = dict(httpx.URL(following).params) if following is not None else None

    def post(self, path: str, body: Any = None) -> Any:
        """The JSON that a POST of JSON answers."""
        return self._ask("POST", path, json=body)

    def fetch(self, path: str) -> bytes:
        """The bytes that a GET answers."""
        return bytes(self._response("GET", path).content)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        return self._response(method, path, **more).json()

    def _response(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            with httpx.Client(base_url=self.url, headers=self._headers, timeout=TIMEOUT_S, trust_env=False) as client:
                response = client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise PartMissing(f"alert server: expected one that answers at {self.url}, got: {error}") from error
        if not response.is_success:
            raise Declined(f"{method} {path}: {response.status_code}: {_sentence(response)}")
        return response


def _sentence(response: httpx.Response) -> str:
    try:
        said = response.json()
        return str(said.get("error") or said.get("detail") or said)
    except (ValueError, AttributeError):
        return response.text[:200]
