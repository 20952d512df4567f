"""A silence and what may be done with it: pure, with no store and no clock; times are ms UTC of wall time.

An active silence can be given another end; anything else that would rewrite what it has already done ends it
and makes a new one. Ending is the only way to delete: what was silenced when stays on record.
"""

import math
from typing import Literal

import msgspec

from alerts.silences.matcher import NAME, Matcher
from topics.finding import Text

State = Literal["pending", "active", "expired"]
#: What was done to a silence, as the ledger calls it.
Deed = Literal["created", "updated", "expired"]

#: The label whose value is an alarm's severity.
SEVERITY = "severity"
LARGEST_TEXT = 10_000
MOST_MATCHERS = 100


class Refused(ValueError):
    """The silence is not taken; ``text`` says why, in one sentence of each language."""

    def __init__(self, text: Text) -> None:
        super().__init__(f"{text.zh} / {text.en}")
        self.text = text


class Invalid(ValueError):
    """The silence is malformed; the message is in Alertmanager's words."""


class Unknown(LookupError):
    """There is no silence with this id."""


class Silence(msgspec.Struct, frozen=True):
    """Matchers (all must match) that hold from ``starts_at`` until just before ``ends_at``.

    ``may_cover_top`` says that whoever wrote it has the role to silence the scheme's top severity; even then
    it does so only where one of its matchers asks for that severity.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: int
    ends_at: int
    created_by: str
    comment: str
    updated_at: int = 0
    may_cover_top: bool = False
    annotations: dict[str, str] = msgspec.field(default_factory=dict)

    def state(self, now_ms: int) -> State:
        """Where it stands at ``now_ms``."""
        if now_ms < self.starts_at:
            return "pending"
        return "active" if now_ms < self.ends_at else "expired"

    def ended(self, now_ms: int) -> "Silence":
        """The same, ended now; one that never began has never covered anything."""
        if self.state(now_ms) == "expired":
            return self
        return msgspec.structs.replace(self, starts_at=min(self.starts_at, now_ms), ends_at=now_ms, updated_at=now_ms)

    @property
    def names_severity(self) -> bool:
        """Whether it asks for severities by name."""
        return any(each.name == SEVERITY and each.is_equal for each in self.matchers)


class Policy(msgspec.Struct, frozen=True):
    """What silences may not do: last longer than ``longest_ms``, or cover one of ``top`` (codes of top severities)."""

    longest_ms: int
    top: tuple[str, ...]


def written(
    wanted: Silence, previous: Silence | None, now_ms: int, policy: Policy, new_id: str
) -> list[tuple[Deed, Silence]]:
    """What to store so that ``wanted`` holds; the last is the silence itself, under its own id or ``new_id``.

    ``previous`` is the stored silence with the id of ``wanted``, ``None`` where that has no id.
    Raises ``Invalid`` or ``Refused``; nothing is changed then.
    """
    _require_valid(wanted, now_ms)
    _require_allowed(wanted, now_ms, policy)
    wanted = msgspec.structs.replace(wanted, updated_at=now_ms)
    if previous is not None and _can_update(previous, wanted, now_ms):
        return [("updated", wanted)]
    deeds: list[tuple[Deed, Silence]] = []
    if previous is not None and previous.state(now_ms) != "expired":
        deeds.append(("expired", previous.ended(now_ms)))
    made = msgspec.structs.replace(wanted, id=new_id, starts_at=max(wanted.starts_at, now_ms))
    return [*deeds, ("created", made)]


def _require_valid(wanted: Silence, now_ms: int) -> None:
    if wanted.starts_at >= wanted.ends_at:
        raise Invalid("Failed to create silence: start time must be before end time")
    if wanted.ends_at < now_ms:
        raise Invalid("Failed to create silence: end time can't be in the past")
    if not wanted.matchers:
        raise Invalid("silence invalid: at least one matcher required")
    if len(wanted.matchers) > MOST_MATCHERS:
        raise Invalid(f"silence invalid: expected at most {MOST_MATCHERS} matchers, got {len(wanted.matchers)}")
    for place, each in enumerate(wanted.matchers):
        if not NAME.fullmatch(each.name):
            raise Invalid(f'silence invalid: invalid label matcher {place}: invalid label name "{each.name}"')
    if all(each.is_equal and each.matches({}) for each in wanted.matchers):
        raise Invalid("silence invalid: at least one matcher must not match the empty string")
    for name, text in (("createdBy", wanted.created_by), ("comment", wanted.comment)):
        if len(text) > LARGEST_TEXT:
            raise Invalid(f"silence invalid: {name}: expected at most {LARGEST_TEXT} characters, got {len(text)}")


def _require_allowed(wanted: Silence, now_ms: int, policy: Policy) -> None:
    lasts_ms = wanted.ends_at - max(wanted.starts_at, now_ms)
    if lasts_ms > policy.longest_ms:
        most, asked = policy.longest_ms / 3_600_000, math.ceil(lasts_ms / 360_000) / 10
        zh = f"静默最长 {most:g} 小时，请求了 {asked:g} 小时；请缩短，到期后可再次静默"
        en = f"a silence lasts at most {most:g} h, got {asked:g} h; shorten it, and silence again once it has ended"
        raise Refused(Text(zh, en))
    severity = [each for each in wanted.matchers if each.name == SEVERITY]
    named = [code for code in policy.top if all(each.matches({SEVERITY: code}) for each in severity)]
    if wanted.names_severity and named and not wanted.may_cover_top:
        codes = ", ".join(named)
        zh = f"最高级（{codes}）的报警不能静默：只有被授权的人才可以"
        en = f"alarms of the top severity ({codes}) are not silenced: only a role that was given this may do it"
        raise Refused(Text(zh, en))


def _can_update(previous: Silence, wanted: Silence, now_ms: int) -> bool:
    """Whether the change leaves alone what the silence has done so far."""
    if previous.matchers != wanted.matchers:
        return False
    match previous.state(now_ms):
        case "active":
            return previous.starts_at // 1000 == wanted.starts_at // 1000
        case "pending":
            return wanted.starts_at >= now_ms
        case "expired":
            return False
