"""What a declaration's life says to the city: to the yard what is in force, to the desk that nobody answers. Pure."""

from collections.abc import Sequence

import msgspec

from records.declaration_awaited import awaited
from records.declaration_events import Climbed, Event
from records.declaration_life import Declaration, Version
from records.declaration_terms import duties_of
from topics.codec import encode
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.events import DeclarationWithdrawn, Declared
from topics.finding import Finding, Origin, Phase, Text, finding_id

FINDINGS = "findings"
#: Where a finding of ours comes from: the store's chain, by the number of the entry.
LEDGER = "ledger"
UNANSWERED = "declaration-unanswered"
FAMILY = "declaration"

HOUR_MS = 3_600_000


class Word(msgspec.Struct, frozen=True):
    """One message to be put on a topic; ``message`` is the same whenever the same thing is said."""

    message: str
    topic: str
    key: str
    body: bytes


def words(
    domain: Domain, number: str, before: Declaration | None, after: Declaration, event: Event, entry: int
) -> list[Word]:
    """What one event says; ``entry`` is its place in the chain."""
    said = []
    was = before.in_force if before is not None else None
    now = after.in_force
    if now is not None and (was is None or was.number != now.number):
        said.append(_event(domain, declared(number, now)))
    if now is None and was is not None:
        form = was.form
        at = after.cancelled or event.time
        said.append(_event(domain, DeclarationWithdrawn(f"{number}/taken-back", form.site, at, number, form.container)))
    finding = _unanswered(domain, number, before, after, event, entry)
    if finding is not None:
        key = f"{finding.id}/{finding.seq}"
        said.append(Word(key, FINDINGS, finding.alarm_key, encode(finding)))
    return said


def declared(number: str, version: Version) -> Declared:
    """The declaration as the yard is to know it. Its time is when it was accepted: before that it did not hold."""
    form = version.form
    return Declared(
        f"{number}/{version.number}",
        form.site,
        version.answered or version.time,
        number,
        form.container,
        form.goods,
        form.consignor,
        form.emergency_contact,
        form.gross_t,
        form.operation,
        form.voyage,
    )


def _event(domain: Domain, event: Declared | DeclarationWithdrawn) -> Word:
    return Word(event.id, domain.events_topic, event.site, encode(event))


def _unanswered(
    domain: Domain, number: str, before: Declaration | None, after: Declaration, event: Event, entry: int
) -> Finding | None:
    """One episode for each version that nobody answers in time: opened at the first step of the climb, worse at the
    next, closed when it is answered, taken back, said anew, or the box has left without an answer."""
    if before is None:
        return None
    version = before.newest
    if isinstance(event, Climbed):
        phase: Phase = "open" if event.step == 1 else "update"
        return _finding(domain, number, version, phase, event.step - 1, event.time, entry)
    over = after.newest.number != version.number or not awaited(after)
    if version.climbed and awaited(before) and over:
        return _finding(domain, number, version, "close", version.climbed, max(event.time, version.due), entry)
    return None


def _finding(
    domain: Domain, number: str, version: Version, phase: Phase, seq: int, time: int, entry: int
) -> Finding:  # fmt: skip
    form, hours = version.form, (version.due - version.time) / HOUR_MS
    waiting = ", ".join(version.open)
    asked = _titles(domain, version.open)
    subject = f"{form.site}/{number}"
    return Finding(
        id=finding_id(UNANSWERED, 1, f"{subject}/{version.number}", version.due),
        phase=phase,
        seq=seq,
        domain=domain.name,
        site=form.site,
        subject=subject,
        quantity=FAMILY,
        family=FAMILY,
        detector=UNANSWERED,
        detector_version=1,
        severity="yellow" if seq == 0 else "orange",
        opened=version.due,
        time=time,
        text=Text(
            f"申报 {number}（{form.container}）超过 {hours:g} 小时未答复，等待{asked.zh}",
            f"Declaration {number} ({form.container}) unanswered for {hours:g} h, awaiting {asked.en}",
        ),
        origin=Origin(LEDGER, 0, entry, entry),
        closed=time if phase == "close" else None,
        facts={"declaration": number, "version": version.number, "container": form.container, "awaiting": waiting},
    )


def _titles(domain: Domain, authorities: Sequence[str]) -> Text:
    """What the pack calls these authorities; one it does not have, or not so that it can be used, keeps its code."""
    try:
        duties = duties_of(domain.facts)
    except ConfigurationError:
        duties = {}
    titles = [duties[each].title if each in duties else Text(each, each) for each in authorities]
    return Text("、".join(each.zh for each in titles), ", ".join(each.en for each in titles))
