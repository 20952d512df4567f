"""Walls into a Grafana: folder, data source, dashboards and alarms as annotations, each only where it differs.

Publishing twice changes nothing the second time. A wall that people changed by hand goes back to the code's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from grafana.client import Grafana, GrafanaRefused

FOLDER, FOLDER_TITLE = "citybrain", "City brain"
SOURCE, SOURCE_UID = "citybrain-prometheus", "citybrain-prom"
TAG = "citybrain"

Change = Literal["added", "changed", "same"]

#: Grafana's own bookkeeping in a dashboard; all else is compared.
_BOOKKEEPING = ("id", "version")


@dataclass(slots=True)
class Published:
    """What became of each thing; with ``check`` what would have."""

    changes: dict[str, Change] = field(default_factory=dict)

    @property
    def up_to_date(self) -> bool:
        """Whether there was nothing to change."""
        return all(change == "same" for change in self.changes.values())


@dataclass(frozen=True, slots=True)
class Episode:
    """An alarm as a region on the walls: from opening to closing (or till now), ms UTC."""

    alarm: str
    start_ms: int
    end_ms: int
    text: str
    tags: tuple[str, ...] = ()


def publish(
    grafana: Grafana,
    boards: Iterable[Mapping[str, Any]],
    prometheus_url: str,
    episodes: Sequence[Episode] = (),
    *,
    check: bool = False,
) -> Published:
    """Bring a Grafana up to date, or with ``check`` only say what is not; errors as ``Grafana`` raises them."""
    done = Published()
    done.changes[f"folder {FOLDER}"] = _folder(grafana, check)
    done.changes[f"data source {SOURCE}"] = _source(grafana, prometheus_url, check)
    for board in boards:
        done.changes[f"dashboard {board['uid']}"] = _board(grafana, board, check)
    for episode in episodes:
        done.changes[f"annotation {episode.alarm}"] = _annotation(grafana, episode, check)
    return done


def _folder(grafana: Grafana, check: bool) -> Change:
    if grafana.folder(FOLDER) is not None:
        return "same"
    if not check:
        try:
            grafana.add_folder(FOLDER, FOLDER_TITLE)
        except GrafanaRefused as refusal:
            # 412: somebody made it between question and answer, which is as good.
            if refusal.status != 412:
                raise
    return "added"


def _source(grafana: Grafana, prometheus_url: str, check: bool) -> Change:
    wanted = {
        "name": SOURCE,
        "uid": SOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": prometheus_url,
        "isDefault": False,
    }
    there = grafana.source(SOURCE)
    if there is None:
        if not check:
            grafana.add_source(wanted)
        return "added"
    # Whether it is the default is for the house to say.
    wanted["isDefault"] = there.get("isDefault", False)
    if all(there.get(key) == value for key, value in wanted.items()):
        return "same"
    if not check:
        grafana.change_source(there["id"], wanted)
    return "changed"


def _board(grafana: Grafana, board: Mapping[str, Any], check: bool) -> Change:
    there = grafana.board(board["uid"])
    if there is None:
        if not check:
            grafana.put_board({**board, "id": None}, FOLDER, "published by citybrain")
        return "added"
    found = there["dashboard"]
    in_folder = there.get("meta", {}).get("folderUid") == FOLDER
    if in_folder and _content(found) == _content(board):
        return "same"
    if not check:
        made_from = {key: found[key] for key in _BOOKKEEPING}
        grafana.put_board({**board, **made_from}, FOLDER, "published by citybrain")
    return "changed"


def _content(board: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in board.items() if key not in _BOOKKEEPING}


def _annotation(grafana: Grafana, episode: Episode, check: bool) -> Change:
    mark = f"alert:{episode.alarm}"
    tags = [TAG, mark, *episode.tags]
    there = next(iter(grafana.annotations(mark)), None)
    if there is None:
        if not check:
            grafana.add_annotation(episode.start_ms, episode.end_ms, tags, episode.text)
        return "added"
    now = (there["time"], there["timeEnd"], sorted(there["tags"]), there["text"])
    if now == (episode.start_ms, episode.end_ms, sorted(tags), episode.text):
        return "same"
    if not check:
        grafana.change_annotation(there["id"], episode.start_ms, episode.end_ms, tags, episode.text)
    return "changed"
