"""The verdicts given at the desk, asked of the alert server."""

from typing import Any

from alerts.verdicts import REASONS
from streams.backtesting.labels import Labels, labels_from_verdicts
from streams.server_client import ServerClient

#: Alarms in one answer.
PAGE = 200


def labels_of_desk(server: ServerClient, domain: str) -> Labels:
    """Every judged alarm of this domain as labels. Raises ``PartMissing`` where no server answers."""
    stories: list[dict[str, Any]] = []
    for reason in REASONS:
        cursor: str | None = None
        while True:
            answer = server.get("/api/alarms", verdict=reason, domain=domain, limit=PAGE, cursor=cursor)
            stories += [server.get(f"/api/alarms/{each['id']}") for each in answer["items"]]
            cursor = answer["next"]
            if cursor is None:
                break
    return labels_from_verdicts(stories)
