"""Warnings as alerts of an Alertmanager (its API v2), for houses that route and page by one already.

The labels name the alarm, whom it is for and its level. An alert whose level changes is another alert to
Alertmanager, so the one of the level before is ended in the same call. ``endsAt`` is far ahead while the alarm lasts,
because Alertmanager otherwise ends by itself what is not said again every five minutes, and now once it is over.
"""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec

from alerts.sinks.base import TIMEOUT_S, Receipt, Sink, require_address, require_fit
from alerts.sinks.http import http_client, post, require_taken
from alerts.warnings.statement import Statement

#: Alertmanager keeps nothing over a restart, and we say an alert again only when it changes.
LASTS_S = 7 * 86_400


class AlertmanagerSink(Sink):
    """Posts to ``<url>/api/v2/alerts``. Nobody signs there, so its receipts bear no signature."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._url = url.rstrip("/")
        self._client = http_client(timeout_s, transport)
        self._now_s = now_s

    async def deliver(self, said: Statement) -> Receipt:
        require_fit(said)
        base = require_address(self._url, "alertmanager", said.authority, "CITYBRAIN_ALERTMANAGER_URL")
        url = f"{base}/api/v2/alerts"
        body = msgspec.json.encode(to_alerts(said, self._now_s()))
        response = await post(self._client, url, body, {"content-type": "application/json"})
        require_taken(url, response)
        return Receipt(response.status_code)

    async def close(self) -> None:
        await self._client.aclose()


def to_alerts(said: Statement, now_s: float) -> list[dict[str, Any]]:
    """The alert as it stands at ``now_s`` (seconds UTC), and the one of the level before, which has ended."""
    ended = said.over or said.msg_type == "Cancel"
    alerts = [_alert(said, said.level, now_s if ended else now_s + LASTS_S, now_s)]
    if said.previous_level not in ("", said.level):
        alerts.append(_alert(said, said.previous_level, now_s, now_s))
    return alerts


def _alert(said: Statement, level: str, ends_s: float, now_s: float) -> dict[str, Any]:
    labels = {
        "alertname": said.event.en,
        "alarm": said.alarm,
        "authority": said.authority,
        "severity": level,
        "category": said.category,
        "place": said.area.title.en,
        "district": said.area.district,
    }
    annotations = {
        "summary": f"{said.headline.zh} / {said.headline.en}",
        "description": f"{said.description.zh} / {said.description.en}",
        "instruction": f"{said.instruction.zh} / {said.instruction.en}" if said.instruction.en else "",
        "identifier": said.identifier,
        "note": said.note,
    }
    return {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": _rfc3339(min(said.onset / 1000, now_s)),
        "endsAt": _rfc3339(ends_s),
    }


def _rfc3339(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")
