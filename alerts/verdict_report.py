"""What people said of alarms by detector and sensor class, and settings that would have spared them false ones.

A suggestion is a sentence with its evidence and the setting it is about. Nothing applies it: a person puts it into a
pack and lets that run in the shadow first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from alerts.verdicts import REASONS, wilson
from topics.finding import Text

#: A detector is looked at from so many alarms judged false on, and where its precision is this low for sure.
LEAST_FALSE = 5
SURELY_BELOW = 0.7
#: A setting is suggested if it would have spared so much of the false alarms, and cost so little of the true ones.
LEAST_SPARED = 0.5
MOST_LOST = 0.0


class JudgedEpisode(msgspec.Struct, frozen=True):
    """One episode of an alarm that was judged. ``lasted_s`` from opening to close, ``None`` where it had not closed;
    ``beyond`` by how much the worst value passed its limit (the quantity's unit); ``p`` the smallest chance told.
    """

    alarm: str
    detector: str
    sensor_class: str
    subject: str
    label: str
    reason: str
    opened: int
    lasted_s: float | None = None
    beyond: float | None = None
    p: float | None = None


class Suggestion(msgspec.Struct, frozen=True):
    """``setting`` is raised (or lowered) to ``value``; of the judged alarms it would have spared ``spared`` of
    ``false`` and lost ``lost`` of ``true``. ``low`` and ``high``: precision now, its interval's bounds.
    """

    detector: str
    sensor_class: str
    setting: str
    value: float
    false: int
    true: int
    spared: int
    lost: int
    low: float
    high: float
    text: Text


#: How an episode would have to be for a setting to have kept it: setting, detectors, figure, "at least" or "at most",
#: and the values to try.
LEVERS: tuple[tuple[str, tuple[str, ...], Callable[[JudgedEpisode], float | None], bool, tuple[float, ...]], ...] = (
    ("hold_s", ("limit",), lambda each: each.lasted_s, True, (10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600)),
    (
        "false_alerts_per_sensor_day", ("anomaly", "isolation_forest"),
        lambda each: each.p, False, (1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 1e-8),
    ),
)  # fmt: skip

#: Below this pause between two episodes of one series a limit chatters: its dead band is too narrow.
CHATTER_S = 600.0


def table(episodes: Iterable[JudgedEpisode]) -> list[dict[str, Any]]:
    """A line for each detector and sensor class: reasons and labels counted once for each alarm, precision with its
    95 % interval (Wilson). Only true and false make it; drill, maintenance and sensor faults stand beside."""
    alarms: dict[tuple[str, str], dict[str, JudgedEpisode]] = defaultdict(dict)
    for each in episodes:
        alarms[each.detector, each.sensor_class].setdefault(each.alarm, each)
    lines = []
    for (detector, sensor_class), judged in sorted(alarms.items()):
        labels: dict[str, int] = defaultdict(int)
        reasons: dict[str, int] = defaultdict(int)
        for each in judged.values():
            labels[each.label] += 1
            reasons[each.reason] += 1
        true, of = labels["true"], labels["true"] + labels["false"]
        low, high = wilson(true, of)
        lines.append(
            {
                "detector": detector,
                "sensor_class": sensor_class,
                "judged": len(judged),
                "labels": dict(sorted((name, count) for name, count in labels.items() if count)),
                "reasons": dict(sorted(reasons.items())),
                "precision": true / of if of else None,
                "precision_low": low,
                "precision_high": high,
            }
        )
    return lines


def suggestions(episodes: Sequence[JudgedEpisode]) -> list[Suggestion]:
    """What to try, the most false alarms spared first."""
    by: dict[tuple[str, str], list[JudgedEpisode]] = defaultdict(list)
    for each in episodes:
        if each.label in ("true", "false"):
            by[each.detector, each.sensor_class].append(each)
    found = []
    for (detector, sensor_class), judged in sorted(by.items()):
        true, false = (_alarms(each for each in judged if each.label == label) for label in ("true", "false"))
        low, high = wilson(len(true), len(true) + len(false))
        if len(false) < LEAST_FALSE or high >= SURELY_BELOW:
            continue
        for setting, value, kept in _tries(detector, judged):
            spared, lost = len(false - kept), len(true - kept)
            counts = (len(false), len(true), spared, lost)
            if spared >= LEAST_SPARED * len(false) and lost <= MOST_LOST * len(true):
                text = _text(setting, value, *counts)
                found.append(Suggestion(detector, sensor_class, setting, value, *counts, low, high, text))
    return sorted(_mildest(found), key=lambda each: (-each.spared, each.detector, each.sensor_class))


def _tries(detector: str, judged: Sequence[JudgedEpisode]) -> Iterable[tuple[str, float, set[str]]]:
    """Each setting and value to try with the alarms that would still have been raised, mildest values first."""
    for setting, detectors, figure, at_least, values in LEVERS:
        if detector not in detectors:
            continue
        for value in values:
            # What is not known is kept: nothing is promised for it.
            kept = [
                each for each in judged
                if (got := figure(each)) is None or (got >= value if at_least else got <= value)
            ]  # fmt: skip
            yield setting, float(value), _alarms(kept)
    if detector == "limit":
        yield from _dead_bands(judged)


def _dead_bands(judged: Sequence[JudgedEpisode]) -> Iterable[tuple[str, float, set[str]]]:
    """A dead band joins what follows shortly upon another episode: the alarm that began first would have gone on."""
    last: dict[str, float] = {}
    kept: set[str] = set()
    widths: list[float] = []
    for each in sorted(judged, key=lambda each: each.opened):
        key = each.subject
        end = each.opened + 1000 * (each.lasted_s or 0.0)
        if each.opened - last.get(key, float("-inf")) > 1000 * CHATTER_S:
            kept.add(each.alarm)
        elif each.beyond is not None:
            widths.append(each.beyond)
        last[key] = end
    if widths:
        yield "deadband", round(max(widths), 6), kept


def _mildest(found: Sequence[Suggestion]) -> list[Suggestion]:
    """Of one setting for one detector and class the value that spares most, and of these the first (the mildest)."""
    best: dict[tuple[str, str, str], Suggestion] = {}
    for each in found:
        key = (each.detector, each.sensor_class, each.setting)
        if key not in best or each.spared > best[key].spared:
            best[key] = each
    return list(best.values())


def _alarms(episodes: Iterable[JudgedEpisode]) -> set[str]:
    return {each.alarm for each in episodes}


def _text(setting: str, value: float, false: int, true: int, spared: int, lost: int) -> Text:
    verb_zh, verb_en = ("使开启概率不高于", "so low that none opens above p =")
    if setting in ("hold_s", "deadband"):
        verb_zh, verb_en = "调至", "raised to"
    return Text(
        f"{setting} {verb_zh} {value:g}：{false} 起误报中可免 {spared} 起，{true} 起真实报警中漏 {lost} 起",
        f"{setting} {verb_en} {value:g}: would spare {spared} of {false} false alarms and lose {lost} of {true} true",
    )


def judged_episodes(
    store: Store, class_of: Callable[[str, str], str], since: int | None = None, until: int | None = None
) -> list[JudgedEpisode]:
    """Of judged alarms that opened in this span (city time, ms UTC). ``class_of`` takes domain and subject."""
    alarm, finding = schema.alarm.c, schema.finding.c
    query = (
        sa.select(finding.body, alarm.id, alarm.verdict)
        .join_from(schema.finding, schema.alarm, finding.alarm_id == alarm.id)
        .where(alarm.verdict.in_(REASONS), finding.late.is_(sa.false()))
        .order_by(finding.id, finding.seq)
    )
    if since is not None:
        query = query.where(alarm.opened >= since)
    if until is not None:
        query = query.where(alarm.opened < until)
    found: dict[str, JudgedEpisode] = {}
    with store.read() as connection:
        for body, name, verdict in connection.execution_options(yield_per=1_000).execute(query):
            said = msgspec.json.decode(body)
            old = found.get(said["id"])
            found[said["id"]] = _with(old, said, name, verdict, class_of)
    return list(found.values())


def _with(
    old: JudgedEpisode | None, said: dict[str, Any], name: str, verdict: str, class_of: Callable[[str, str], str]
) -> JudgedEpisode:
    value, limit, p, closed = (said.get(key) for key in ("value", "expected", "p", "closed"))
    beyond = abs(value - limit) if value is not None and limit is not None and said["phase"] != "close" else None
    return JudgedEpisode(
        name,
        said["detector"],
        old.sensor_class if old else class_of(said["domain"], said["subject"]),
        said["subject"],
        REASONS[verdict].counts_as,
        verdict,
        said["opened"],
        (closed - said["opened"]) / 1000 if closed is not None else (old.lasted_s if old else None),
        max((each for each in (beyond, old.beyond if old else None) if each is not None), default=None),
        min((each for each in (p, old.p if old else None) if each is not None), default=None),
    )
