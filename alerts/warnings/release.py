"""Which change of an alarm releases a warning to whom, by which rule. Pure.

Until the matrix of domain × level exists, the rule is the domain pack's route: alarms of these
families and at least this severity go to this authority. The rule's text is kept with each warning.
One chain of messages per alarm and authority: an Alert; Updates when the severity changes, when
somebody has taken the alarm on, and when what was over returns; an AllClear Update when it is over. The
rule cancel-on-verdict: a Cancel when a named person judges the alarm to be anything else than real
before it has returned; should it be judged real after all, a new Alert begins the chain anew.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from alerts.alarm_row import AlarmRow
from alerts.city import City
from alerts.escalation import routes_of
from alerts.ledger.chain import Head
from alerts.warnings.compose import compose
from alerts.warnings.statement import MsgType, Reference, Statement
from topics.domain import Route

#: A message refers to at most this many of the latest before it; each of those refers to earlier ones.
REFERENCED = 20

_STATEMENT = msgspec.json.Decoder(Statement)


class Chain(msgspec.Struct, frozen=True):
    """What one authority has been told about one alarm: how often, and the last word of it."""

    number: int
    level: str
    over: bool
    acknowledged: bool
    references: tuple[Reference, ...]
    cancelled: bool = False
    told: bool = False

    def after(self, said: Statement) -> "Chain":
        """The chain with one more message."""
        mine = Reference(said.sender, said.identifier, said.sent)
        before = () if said.msg_type == "Alert" else self.references
        return Chain(
            number=self.number + 1,
            level=said.level,
            over=said.over,
            acknowledged=said.acknowledged_by is not None,
            references=(*before, mine)[-REFERENCED:],
            cancelled=said.msg_type == "Cancel",
            told=self.told,
        )

    @staticmethod
    def extend(chains: dict[str, "Chain"], statement: str) -> None:
        """Add a stored statement (JSON) to the chain of its authority."""
        said = _STATEMENT.decode(statement)
        chains[said.authority] = chains.get(said.authority, NOTHING_SAID).after(said)


NOTHING_SAID = Chain(0, "", False, False, ())


class Release(msgspec.Struct, frozen=True):
    """A warning released in this moment, the channels it goes over, and its chain after it."""

    statement: Statement
    channels: tuple[str, ...]
    rank: int
    chain: Chain

    def bearing(self, head: Head) -> "Release":
        """The same with the ledger's head in it, so that whoever holds the warning can prove a tail was cut off."""
        return msgspec.structs.replace(self, statement=msgspec.structs.replace(self.statement, ledger_head=str(head)))

    def to_row(self, wall_ms: int) -> dict[str, Any]:
        """The columns of the table ``warning``."""
        return {
            "identifier": self.statement.identifier,
            "alarm_id": self.statement.alarm,
            "authority": self.statement.authority,
            "number": self.chain.number,
            "msg_type": self.statement.msg_type,
            "severity": self.statement.level,
            "rule": self.statement.rule.en,
            "released": self.statement.sent,
            "created": wall_ms,
            "statement": msgspec.json.encode(self.statement).decode(),
        }

    def deliveries(self, warning_id: int, wall_ms: int, first_try: Callable[[str], int]) -> list[dict[str, Any]]:
        """One row of the table ``delivery`` for each channel; ``first_try`` says when it is to go out (wall time)."""
        return [
            {
                "warning_id": warning_id,
                "recipient": self.statement.authority,
                "channel": channel,
                "precedence": -self.rank,
                "status": "pending",
                "attempts": 0,
                "error": "",
                "created": wall_ms,
                "next_try": first_try(channel),
            }
            for channel in self.channels
        ]


def release(
    alarm: AlarmRow, time_ms: int, city: City, chains: dict[str, Chain], *, sender: str, store: str
) -> list[Release]:
    """The warnings that the alarm as it stands at ``time_ms`` calls for, beyond what ``chains`` say was said."""
    pack = city.domains.get(alarm.domain)
    if pack is None:
        return []
    released: dict[str, Release] = {}
    for rule, route in routes_of(alarm, pack, city):
        chain = chains.get(route.authority, NOTHING_SAID)
        if route.authority in released or not _concerns(route, alarm, chain, city):
            continue
        due = _due(alarm, chain)
        if due is None:
            continue
        references = () if due == "Alert" else chain.references
        said = compose(
            alarm, city, pack, route, due, number=chain.number + 1, references=references,
            time_ms=time_ms, rule=rule, sender=sender, store=store,
            previous_level=chain.level, untold=not chain.told,
        )  # fmt: skip
        released[route.authority] = Release(said, route.channels, alarm.rank, chain.after(said))
    return list(released.values())


def _concerns(route: Route, alarm: AlarmRow, chain: Chain, city: City) -> bool:
    """Whoever was told once is told the rest, whatever the severity has become."""
    if route.families and alarm.family not in route.families:
        return False
    if chain.number:
        return True
    known = city.level(alarm.domain, route.min_severity)
    # A least severity the scheme does not have keeps nothing back: better told too much than nothing.
    return bool(alarm.life.findings) and (known is None or alarm.rank >= known.rank)


def _due(alarm: AlarmRow, chain: Chain) -> MsgType | None:
    life, untrue = alarm.life, is_untrue(alarm)
    if chain.number == 0 or chain.cancelled:  # what was cancelled is never taken up again: a new Alert begins anew
        return "Alert" if life.findings and not untrue else None
    if untrue and not chain.over:
        return "Cancel"
    over = not life.findings
    taken_on = life.state == "acknowledged" and not chain.acknowledged
    worse_or_better = not over and life.severity != chain.level
    return "Update" if over != chain.over or taken_on or worse_or_better else None


def is_untrue(alarm: AlarmRow) -> bool:
    """Whether a named person judged it to be something else than real before it returned (rule cancel-on-verdict)."""
    life = alarm.life
    if life.verdict is None or life.verdict == "real":
        return False
    return life.returned is None or life.verdict_at is None or life.verdict_at <= life.returned
