"""Which custody events call for a recall: a sample that failed, and a cold chain that broke. Pure."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from records.custody import Facts, bare_word, facts
from records.recall_events import Opened, Source
from topics.events import Custody
from topics.finding import Text

SYSTEM = "system"
SAMPLING = ("sampling", "inspecting")
FAILED = "non_conformant"
ALARM = "ALARM_CONDITION"


def cause_of(event: Custody) -> Opened | None:
    """The recall an event calls for, at the strictest level until somebody says otherwise, or ``None``."""
    told = facts(event)
    if told.retracts:
        return None
    if told.step in SAMPLING and told.disposition == FAILED and told.seen:
        return _sample(event, told)
    windows = breaches(event)
    if not windows:
        return None
    called = [_called(name) for name in windows]
    text = Text(f"冷链超温：{'、'.join(called)}", f"cold chain broken: {', '.join(called)}")
    sources = tuple(Source(name, *window) for name, window in windows.items())
    return Opened(event.time, SYSTEM, "1", "breach", text, sources)


def breaches(event: Custody) -> dict[str, tuple[int, int]]:
    """What was too warm and when (``start <= t < end``): the things of an event whose temperature report says
    ``ALARM_CONDITION`` (EPCIS 2.0 7.3.7), from its ``startTime`` to its ``endTime``.
    """
    found: dict[str, tuple[int, int]] = {}
    things = facts(event).seen
    for report in _reports(event.epcis):
        if bare_word(str(report.get("exception"))) != ALARM or bare_word(str(report.get("type"))) != "Temperature":
            continue
        start = _moment(report.get("startTime"), _moment(report.get("time"), event.time))
        end = _moment(report.get("endTime"), start) + 1
        for name in things:
            known = found.get(name, (start, end))
            found[name] = (min(known[0], start), max(known[1], end))
    return found


def _called(name: str) -> str:
    """Equipment as its owner calls it: ``van-03`` of ``urn:epc:id:giai:6900000.van-03``; others as they are."""
    return name.rpartition(":giai:")[2].partition(".")[2] if ":giai:" in name else name


def sample_of(event: Custody) -> tuple[str, str, str]:
    """Item, value and standard of a failed sample, as the event gives them (``item``, ``result``, ``standard`` in its
    extension); empty where it does not.
    """
    said = {key.rpartition(":")[2]: value for key, value in event.epcis.items() if isinstance(value, str | int | float)}
    return str(said.get("item", "")), str(said.get("result", "")), str(said.get("standard", ""))


def _sample(event: Custody, told: Facts) -> Opened:
    item, value, standard = sample_of(event)
    detail = " · ".join(each for each in (item, value, standard) if each)
    text = Text(f"抽检不合格：{detail or '项目未说明'}", f"sample failed: {detail or 'item not given'}")
    return Opened(event.time, SYSTEM, "1", "sample", text, tuple(Source(name) for name in told.seen))


def _reports(epcis: dict[str, Any]) -> Iterator[dict[str, Any]]:
    elements = epcis.get("sensorElementList")
    for element in elements if isinstance(elements, list) else []:
        metadata = element.get("sensorMetadata") if isinstance(element, dict) else None
        reports = element.get("sensorReport") if isinstance(element, dict) else None
        for report in reports if isinstance(reports, list) else []:
            if isinstance(report, dict):
                yield (metadata if isinstance(metadata, dict) else {}) | report


def _moment(text: Any, otherwise: int) -> int:
    try:
        return int(dt.datetime.fromisoformat(text).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return otherwise
