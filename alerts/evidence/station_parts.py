"""The parts of a pack that come from the station's log: maintenance, and where pictures and cameras are."""

from collections.abc import Iterable

import msgspec

from alerts.evidence.sealed import Lack
from alerts.evidence.tables import clock
from alerts.stations.log import StationLog
from alerts.store import Store
from topics.finding import Text
from topics.station_entry import Kind, StationEntry

#: Maintenance is looked for from so long before: what was done to an instrument yesterday speaks of today.
BEFORE_MS = 7 * 86_400_000

DONE: tuple[Kind, ...] = ("maintenance",)
SEEN: tuple[Kind, ...] = ("picture", "camera")

LOG, PICTURES = "maintenance_log.jsonl", "pictures.jsonl"


def station_parts(
    store: Store, site: str, devices: Iterable[str], span: tuple[int, int]
) -> tuple[dict[str, bytes], list[Lack]]:
    """What the log of the site says of these devices about ``span`` (ms UTC), and what is lacking of it."""
    log, of = StationLog(store), sorted(set(devices))
    done = log.entries(site, span[0] - BEFORE_MS, span[1], kinds=DONE, devices=of)
    seen = log.entries(site, *span, kinds=SEEN, devices=of)
    parts = {name: _lines(found) for name, found in ((LOG, done), (PICTURES, seen)) if found}
    lacks = []
    if not done:
        zh, en = "该时段及前 7 天没有运维记录", "no maintenance is recorded of that time or the 7 days before"
        lacks.append(Lack("maintenance_log", Text(zh, en)))
    if not seen:
        zh, en = "没有登记该时段的图片或视频链接", "no link to a picture or camera of that time is recorded"
        lacks.append(Lack("pictures", Text(zh, en)))
    return parts, lacks


def _lines(entries: Iterable[StationEntry]) -> bytes:
    """One JSON object a line, with the times as the city reads them."""
    lines = []
    for each in entries:
        until = None if each.end is None else clock(each.end)
        shown = msgspec.to_builtins(each) | {"start_city": clock(each.start), "end_city": until}
        lines.append(msgspec.json.encode(shown))
    return b"\n".join(lines) + b"\n"
