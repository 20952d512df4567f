"""From what a program outside keeps saying about one set of labels to the episodes of a finding: pure.

An alert is said again and again while it holds, each time with the moment until which it stands; it is over when
that moment passes. Each span is one finding, known by fingerprint and start, so that repeats change nothing and
what fired and was over before anybody looked is told all the same.
"""

import msgspec

from alerts.alertmanager.posted import Posted
from topics.finding import Phase, finding_id

DETECTOR, VERSION = "external", 1


class Kept(msgspec.Struct, frozen=True):
    """The last that was heard of a set of labels. The episode ``finding_id`` began at ``opened``; ``seq`` is the
    number of its last message; ``timed_out`` says that ``ends_at`` was given by nobody.
    """

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str
    starts_at: int
    ends_at: int
    timed_out: bool
    updated_at: int
    finding_id: str
    opened: int
    seq: int
    is_open: bool


class Message(msgspec.Struct, frozen=True):
    """One message of the finding, and what was known when it was said."""

    phase: Phase
    time: int
    kept: Kept


def lapse(kept: Kept, now_ms: int) -> tuple[Kept, list[Message]]:
    """Nothing more was heard: once the moment until which it stood has passed, the episode closes at that moment."""
    if not kept.is_open or kept.ends_at > now_ms:
        return kept, []
    kept = msgspec.structs.replace(kept, is_open=False, seq=kept.seq + 1)
    return kept, [Message("close", max(kept.ends_at, kept.opened), kept)]


def hear(
    kept: Kept | None, alert: Posted, timed_out: bool, fingerprint: str, now_ms: int
) -> tuple[Kept, list[Message]]:
    """Take one valid alert with its times filled in; ``kept`` is what was known of its labels."""
    messages: list[Message] = []
    if kept is not None:
        kept, messages = lapse(kept, now_ms)
    heard = _merged(kept, alert, timed_out, fingerprint, now_ms)
    if kept is None or not kept.is_open:
        if kept is not None and heard.ends_at <= now_ms and heard.starts_at <= kept.ends_at:
            return kept, messages  # the end of what has ended already
        return _begun(kept, heard, messages, now_ms)
    if heard.ends_at <= now_ms:
        closed, told = lapse(heard, now_ms)
        return closed, messages + told
    if (heard.annotations, heard.generator_url) != (kept.annotations, kept.generator_url):
        heard = msgspec.structs.replace(heard, seq=heard.seq + 1)
        messages.append(Message("update", now_ms, heard))
    return heard, messages


def _begun(kept: Kept | None, heard: Kept, messages: list[Message], now_ms: int) -> tuple[Kept, list[Message]]:
    """A new episode. What was taken for over but goes on all the same begins anew now, for its start is used up."""
    opened = heard.starts_at
    if kept is not None and opened <= max(kept.ends_at, kept.opened):
        opened = max(now_ms, kept.ends_at + 1, kept.opened + 1)
    heard = msgspec.structs.replace(
        heard, finding_id=finding_id(DETECTOR, VERSION, heard.fingerprint, opened), opened=opened, seq=0, is_open=True
    )
    if heard.ends_at <= now_ms:
        heard = msgspec.structs.replace(heard, is_open=False)
        return heard, [*messages, Message("close", max(heard.ends_at, opened), heard)]
    return heard, [*messages, Message("open", max(now_ms, opened), heard)]


def _merged(kept: Kept | None, alert: Posted, timed_out: bool, fingerprint: str, now_ms: int) -> Kept:
    """Alertmanager's merge: where the spans overlap the earlier start holds, and an end that somebody gave holds
    against an earlier one; otherwise the younger alert replaces the older.
    """
    assert alert.starts_at is not None and alert.ends_at is not None
    starts_at, ends_at = alert.starts_at, alert.ends_at
    overlap = kept is not None and (
        kept.starts_at < ends_at < kept.ends_at or kept.starts_at < starts_at < kept.ends_at
    )
    if kept is not None and overlap:
        starts_at = min(starts_at, kept.starts_at)
        over = ends_at <= now_ms
        if kept.ends_at > ends_at and (kept.ends_at <= now_ms if over else not kept.timed_out):
            ends_at = kept.ends_at
    return Kept(
        fingerprint=fingerprint,
        labels=alert.labels,
        annotations=alert.annotations,
        generator_url=alert.generator_url,
        starts_at=starts_at,
        ends_at=ends_at,
        timed_out=timed_out,
        updated_at=now_ms,
        finding_id=kept.finding_id if kept else "",
        opened=kept.opened if kept else starts_at,
        seq=kept.seq if kept else 0,
        is_open=kept.is_open if kept else True,
    )
