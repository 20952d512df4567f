"""What is told of a day as it is looked at again and again: opened when seen, amended while it goes on, closed with it,
revised when data come late. Pure.

An episode is one rule and series of a day. Messages of the same looks at the same readings are the same, byte for byte;
a message's number follows from the hour of its look, so that a process which has forgotten what it told goes on.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from detectors.integrity.outlet import HOUR_MS
from streams.integrity.findings import CLOSED, Told
from topics.families import INTEGRITY
from topics.finding import Finding, Text

#: Rule and series.
Name = tuple[str, str]

GONE = Text("按其后到达的数据重新判定，不再成立", "by data that came later it stands no longer")
#: What a finding's facts say where later data took it back.
STANDS = "stands"


def messages(
    known: Mapping[Name, Finding], found: Iterable[Told], asked: Collection[str], day_ms: int, until_ms: int | None
) -> list[Finding]:
    """What brings ``known``, the last message of each episode of the day that begins at ``day_ms``, to what a look has
    ``found``. ``asked`` are the rules that looked; ``until_ms`` how far they saw, ``None`` = the day is over.
    """
    said: list[Finding] = []
    seen: set[Name] = set()
    for told in found:
        name = (told.evidence.rule, told.evidence.measure.series[0])
        seen.add(name)
        said += _there(known.get(name), told, until_ms)
    number = CLOSED if until_ms is None else (until_ms - day_ms) // HOUR_MS
    for name, last in known.items():
        if name not in seen and name[0] in asked and STANDS not in last.facts:
            said.append(_taken_back(last, until_ms or last.time, number))
    return said


def name_of(finding: Finding) -> Name:
    """The episode's rule and series."""
    return finding.detector.removeprefix(f"{INTEGRITY}/"), finding.subject


def _there(last: Finding | None, told: Told, until_ms: int | None) -> list[Finding]:
    if last is None or STANDS in last.facts:
        # What was taken back and is there again is another episode, heard like the first.
        again = 0 if last is None else int(last.facts.get("again") or 0) + 1
        return told.whole(again) if until_ms is None else [told.message("open", 0, again=again)]
    if last.closed is not None:
        revised = told.message("close", last.seq + 1, opened=last, late=True)
        return [] if _same(last, revised) else [revised]
    if until_ms is None:
        return [told.message("close", max(CLOSED, last.seq + 1), opened=last)]
    number = max((until_ms - told.day_ms) // HOUR_MS, last.seq + 1)
    update = told.message("update", number, opened=last, time_ms=until_ms)
    return [] if _same(last, update) else [update]


def _same(one: Finding, other: Finding) -> bool:
    return (one.text, one.facts) == (other.text, other.facts)


def _taken_back(last: Finding, time_ms: int, number: int) -> Finding:
    closed = last.closed if last.closed is not None else max(last.time, time_ms)
    return msgspec.structs.replace(
        last,
        phase="close",
        seq=max(number, last.seq + 1),
        time=max(last.time, closed),
        closed=closed,
        late=last.closed is not None,
        text=Text(f"{last.text.zh}（{GONE.zh}）", f"{last.text.en} ({GONE.en})"),
        facts=last.facts | {STANDS: 0},
    )
