"""From what stands to findings: each standing condition is one finding that opens, is amended and closes. Pure."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from records.safety.rules import RULES
from records.safety.standing import Standing
from topics.finding import Finding, Origin, Phase, Text, finding_id

VERSION = 1
OVER: dict[str, Text] = {name: rule.over for rule in RULES for name in rule.names}

#: What the findings are made of lies in the store of the alert server, not on a topic.
ORIGIN = Origin("safety-work", 0, 0, 0)

#: Rule and subject.
Name = tuple[str, str]


class Episode(msgspec.Struct, frozen=True):
    """The last message of a finding, and the mark it bore."""

    finding: Finding
    mark: str = ""

    @property
    def closed(self) -> int | None:
        """When it was over (event time, ms UTC), ``None`` while it is not."""
        return self.finding.closed


def messages(
    domain: str,
    known: Mapping[Name, Episode],
    standing: Iterable[Standing],
    now: int,
    asked: Collection[str],
    *,
    over: Mapping[str, Text] = OVER,
    origin: Origin = ORIGIN,
) -> list[Episode]:
    """The messages that bring ``known``, the last episode of each name, to what stands at ``now``.

    Episodes of the rules in ``asked`` that no longer stand are closed. Asked again with these among the known it
    gives nothing: the findings' ids follow from rule, subject and beginning alone. ``over`` says of each rule why what
    it says no longer is over, ``origin`` where the records lie.
    """
    speaker = _Speaker(domain, now, over, origin)
    said: list[Episode] = []
    seen: set[Name] = set()
    for each in standing:
        name = (each.rule, each.subject)
        if name in seen:
            continue
        seen.add(name)
        said += speaker.all_of(known.get(name), each)
    for name, episode in known.items():
        if episode.closed is None and name not in seen and name[0] in asked:
            said.append(_closed(episode, now, over[name[0]]))
    return said


class _Speaker:
    """Who makes the messages of one asking."""

    def __init__(self, domain: str, now: int, over: Mapping[str, Text], origin: Origin) -> None:
        self.domain = domain
        self.now = now
        self.over = over
        self.origin = origin

    def all_of(self, last: Episode | None, each: Standing) -> list[Episode]:
        """What is to be told of one that stands: its stages since the last that was told, each once, and itself."""
        told: list[Episode] = []
        for stage in (*_untold(last, each), each):
            told += self.one(told[-1] if told else last, stage)
        return told

    def one(self, last: Episode | None, each: Standing) -> list[Episode]:
        now = self.now if each.at is None else min(each.at, self.now)
        if last is not None and last.closed is None:
            if each.ended is not None:
                return [_closed(last, each.ended, each.ended_text or self.over[each.rule])]
            if (each.severity, each.mark) == (last.finding.severity, last.mark):
                return []
            return [self._message(each, last.finding.opened, last.finding.seq + 1, "update", now)]
        if not each.opens:
            return []
        since = now if each.since is None else min(each.since, now)
        if last is not None and last.closed is not None:
            if each.ended is not None and since <= last.closed:
                return []  # it is over, and has been told
            since = max(since, last.closed + 1)
        told = now if each.ended is None else min(now, max(since, each.ended))  # a life goes forward
        opened = self._message(each, since, 0, "open", told)
        if each.ended is None:
            return [opened]
        return [opened, _closed(opened, each.ended, each.ended_text or self.over[each.rule])]

    def _message(self, each: Standing, opened: int, seq: int, phase: Phase, now: int) -> Episode:
        finding = Finding(
            id=finding_id(each.rule, VERSION, each.subject, opened),
            phase=phase,
            seq=seq,
            domain=self.domain,
            site=each.site,
            subject=each.subject,
            quantity=each.quantity,
            family=each.family,
            detector=each.rule,
            detector_version=VERSION,
            severity=each.severity,
            opened=opened,
            time=max(now, opened),
            text=each.text,
            origin=self.origin,
            facts=dict(each.facts),
        )
        return Episode(finding, each.mark)


def _untold(last: Episode | None, each: Standing) -> Iterable[Standing]:
    """The stages before this one that came after what was told last."""
    if last is None or last.closed is not None:
        return each.before
    return (stage for stage in each.before if stage.at is not None and stage.at > last.finding.time)


def _closed(episode: Episode, ended: int, why: Text) -> Episode:
    last = episode.finding
    over = max(ended, last.opened)
    text = Text(f"{last.text.zh}（{why.zh}）", f"{last.text.en} ({why.en})")
    closed = msgspec.structs.replace(
        last, phase="close", seq=last.seq + 1, time=max(over, last.opened), closed=over, text=text
    )
    return Episode(closed, episode.mark)
