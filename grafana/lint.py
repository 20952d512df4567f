"""What a wall must not do: panels that overlap, ids that repeat, a fixed data source, a metric nobody exports."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from grafana.panels import DATASOURCE, WIDTH

_METRIC = re.compile(r"\bcitybrain_[a-z_]+")
_SUFFIXES = ("_bucket", "_count", "_sum")


def problems(board: dict[str, Any], metrics: Collection[str]) -> list[str]:
    """Everything wrong with a wall (its JSON); ``metrics`` are the names that the parts export."""
    return [*_ids(board), *_places(board), *_sources(board), *_metrics(board, metrics)]


def expressions(board: dict[str, Any]) -> list[str]:
    """Every PromQL expression of a wall."""
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]


def metrics_in(expression: str) -> set[str]:
    """The metrics of ours that a PromQL expression asks for, without a histogram's suffix."""
    names = set()
    for name in _METRIC.findall(expression):
        bare = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
        names.add(bare)
    return names


def _ids(board: dict[str, Any]) -> Iterator[str]:
    seen: set[int] = set()
    for panel in board["panels"]:
        if panel.get("id") in seen or not panel.get("id"):
            yield f"panel {panel['title']!r}: expected an id of its own, got {panel.get('id')}"
        seen.add(panel.get("id"))


def _places(board: dict[str, Any]) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in board["panels"]:
        at = panel["gridPos"]
        if at["x"] < 0 or at["x"] + at["w"] > WIDTH:
            yield f"panel {panel['title']!r}: expected columns 0 to {WIDTH}, got {at['x']} to {at['x'] + at['w']}"
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if other := next((taken[cell] for cell in sorted(cells) if cell in taken), None):
            yield f"panel {panel['title']!r}: expected a place of its own, got one that overlaps {other!r}"
        taken |= dict.fromkeys(cells, panel["title"])


def _sources(board: dict[str, Any]) -> Iterator[str]:
    wanted = f"${{{DATASOURCE}}}"
    if DATASOURCE not in {variable["name"] for variable in board["templating"]["list"]}:
        yield f"variables: expected one named {DATASOURCE!r}, got none"
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        for holder in (panel, *panel["targets"]):
            uid = holder.get("datasource", {}).get("uid")
            if uid != wanted:
                yield f"panel {panel['title']!r}: expected the data source {wanted}, got {uid!r}"


def _metrics(board: dict[str, Any], metrics: Collection[str]) -> Iterator[str]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            asked = metrics_in(target["expr"])
            for name in sorted(asked - set(metrics)):
                yield f"panel {panel['title']!r}: expected a metric that the parts export, got {name}"
            if not asked:
                yield f"panel {panel['title']!r}: expected a metric of ours in {target['expr']!r}, got none"
