"""One transaction's work on alarms: loads what it touches, steps it purely, writes everything at the end.

Every change goes through ``apply``, which steps the life cycle, writes the log and releases the warnings
the change calls for; so state, log and outbox can never tell different stories.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, worded
from alerts.behind import Behind
from alerts.city import City
from alerts.flood.joined import hurry
from alerts.ledger.chain import head_of, vouched, write_log
from alerts.ledger.deliveries import told
from alerts.lifecycle import Action, Alarm, Cleared, Raised, Rank, Recorded, Revised, due, step
from alerts.log import log_action, log_note
from alerts.silences.holding import Holding
from alerts.store import Store
from alerts.warnings.release import Chain, Release, release
from topics.finding import Finding


def _words(life: Alarm, finding: Finding, action: Action) -> bool:
    """Whether the alarm may speak in its words: not of one that is over, nor that is suppressed beside others."""
    return not isinstance(action, Cleared) and (finding.id not in life.by_design or life.all_by_design)


class Workbench(Behind):
    """Alarms and findings of one write transaction at ``wall_ms``. Not used after ``finish``."""

    def __init__(self, connection: sa.Connection, store: Store, city: City, sender: str, wall_ms: int) -> None:
        super().__init__(connection, city)
        self._store = store
        self._sender = sender
        self.wall_ms = wall_ms
        self._chains: dict[str, dict[str, Chain]] = {}
        self._log: list[dict[str, Any]] = []
        self._findings: list[dict[str, Any]] = []
        self._holding = Holding(connection, city, wall_ms)
        self._releases: dict[int, Release] = {}  # by the place in the log of the line that tells of it

    def open_alarm(self, key: str, time_ms: int) -> AlarmRow | None:
        """The alarm of this key that is open at ``time_ms`` of city time."""
        self.load_open([key])
        name = self._open[key]
        if name is None:
            return None
        alarm = self.catch_up(name, time_ms)
        return alarm if alarm.life.closed is None else None

    def apply(self, name: str, action: Action, finding: Finding | None = None) -> AlarmRow:
        """Step the alarm, first by what time has done to it meanwhile; log it, release what it calls for.

        Raises ``lifecycle.NotAllowed``; the action has changed nothing then.
        """
        before = self.catch_up(name, action.time)
        if isinstance(action, Raised) and before.life.opened is None:
            self._enter(name, action)
        return self._step(name, action, finding)

    def catch_up(self, name: str, time_ms: int) -> AlarmRow:
        """The alarm after all that time has done to it up to ``time_ms`` of city time."""
        alarm = self._alarms[name]
        for action in due(alarm.life, time_ms, self._rank(alarm.domain)):
            alarm = self._step(name, action, None)
        return alarm

    def _rank(self, domain: str) -> Rank:
        return lambda code: self._city.rank(domain, code)

    def _step(self, name: str, action: Action, finding: Finding | None) -> AlarmRow:
        before = self._alarms[name]
        rank = self._rank(before.domain)
        life = step(before.life, action, rank)
        after = msgspec.structs.replace(before, life=life, rank=rank(life.severity))
        if finding is not None and _words(life, finding, action) and rank(finding.severity) >= after.rank:
            after = worded(after, finding)
        self._put(after)
        self._log.append(log_action(name, before.life, after.life, action, self.wall_ms))
        if not isinstance(action, Revised | Recorded):  # what only late data showed is told to nobody
            self.review(name, action.time)
        return after

    def last_messages(self, ids: Iterable[str]) -> list[Finding]:
        """The newest message that is stored of each of these findings."""
        table = schema.finding.c
        asked = sa.select(table.id, table.body).where(table.id.in_(sorted(ids))).order_by(table.id, table.seq)
        newest = {row.id: row.body for row in self._connection.execute(asked)}
        return [msgspec.json.decode(body, type=Finding) for body in newest.values()]

    def findings_of(self, name: str) -> list[Finding]:
        """The newest message that is stored of each finding that this alarm ever had."""
        table = schema.finding.c
        query = sa.select(table.id, table.body).where(table.alarm_id == name).order_by(table.id, table.seq)
        newest = {row.id: row.body for row in self._connection.execute(query)}
        return [msgspec.json.decode(body, type=Finding) for body in newest.values()]

    def review(self, name: str, time_ms: int) -> None:
        """Release what the alarm as it stands calls for and has not been said yet."""
        alarm = self._alarms[name]
        if alarm.life.quiet:
            return
        chains = self._chains_of(name)
        for each in release(alarm, time_ms, self._city, chains, sender=self._sender, store=self._store.id):
            said = each.statement
            if not said.over and self._silenced(alarm, time_ms):
                continue
            chains[said.authority] = each.chain
            self._touched[name] = None
            self._releases[len(self._log)] = each
            self._note(name, "warning-released", time_ms, who=said.authority, note=said.msg_type)

    def _note(self, name: str, action: str, time_ms: int, *, who: str | None = None, note: str = "") -> None:
        """A line of the alarm's log that changes no state."""
        self._touched[name] = None
        life = self._alarms[name].life
        self._log.append(log_note(name, life, action, time_ms=time_ms, wall_ms=self.wall_ms, who=who, note=note))

    def _silenced(self, alarm: AlarmRow, time_ms: int) -> bool:
        """Whether silences keep this alarm from being announced; that it is over is told to whoever knows of it."""
        by = self._holding.silences(alarm)
        for silence in self._holding.hold(alarm, by) if by else []:
            self._note(alarm.id, "silenced", time_ms, who=silence.created_by, note=f"{silence.id} {silence.comment}")
        return bool(by)

    def keep(self, finding: Finding, alarm_id: str) -> None:
        """Store one message of a finding under its alarm."""
        self._remember(finding.id, finding.seq, alarm_id, finding.phase)
        self._findings.append(
            {
                "id": finding.id,
                "seq": finding.seq,
                "alarm_id": alarm_id,
                "phase": finding.phase,
                "domain": finding.domain,
                "subject": finding.subject,
                "detector": finding.detector,
                "severity": finding.severity,
                "opened": finding.opened,
                "time": finding.time,
                "late": finding.late,
                "stamp": finding.stamp,
                "stored": self.wall_ms,
                "body": msgspec.json.encode(finding, order="deterministic").decode(),
            }
        )

    def finish(self) -> list[str]:
        """Write everything; returns the ids of the alarms that changed."""
        self._hide_and_show()
        self.write_alarms()
        self._groups.settle(self._alarms[name] for name in self._touched)
        self._holding.write()
        if self._findings:
            self._connection.execute(sa.insert(schema.finding), self._findings)
        self._write_log_and_warnings()
        return list(self._touched)

    def _chains_of(self, alarm_id: str) -> dict[str, Chain]:
        """What was said of this alarm; read in one query for all alarms at hand."""
        if alarm_id not in self._chains:
            wanted = [name for name in self._alarms if name not in self._chains]
            self._chains |= {name: {} for name in wanted}
            if old := [name for name in wanted if name not in self._fresh]:
                table = schema.warning.c
                query = sa.select(table.alarm_id, table.statement).where(table.alarm_id.in_(old))
                for name, statement in self._connection.execute(query.order_by(table.alarm_id, table.number)):
                    Chain.extend(self._chains[name], statement)
                for name, authority in self._connection.execute(told(old)):
                    chains = self._chains[name]
                    chains[authority] = msgspec.structs.replace(chains[authority], told=True)
        return self._chains[alarm_id]

    def _write_log_and_warnings(self) -> None:
        """A warning bears the head of the chain as it was; the line that tells of its release vouches for its text."""
        if not self._log:
            return
        head = head_of(self._connection)
        rows = [each.bearing(head).to_row(self.wall_ms) for each in self._releases.values()]
        said = {line: vouched(row) for line, row in zip(self._releases, rows, strict=True)}
        write_log(self._connection, self._log, said)
        if not rows:
            return
        insert = sa.insert(schema.warning).returning(schema.warning.c.id, sort_by_parameter_order=True)
        numbers = self._connection.execute(insert, rows).scalars().all()
        owed = [
            row
            for each, number in zip(self._releases.values(), numbers, strict=True)
            for row in each.deliveries(number, self.wall_ms, self._first_try(each))
        ]
        if owed:
            self._connection.execute(sa.insert(schema.delivery), owed)
        for each in self._releases.values():
            if each.chain.number > 1 and self._first_try(each)("cap") == self.wall_ms:
                about = each.statement
                hurry(self._connection, about.alarm, about.authority, each.chain.number, -each.rank)

    def _first_try(self, released: Release) -> Callable[[str], int]:
        """When the delivery over a channel is to be tried first: in a flood the lesser ones wait to be joined."""
        alarm = self._alarms[released.statement.alarm]
        return lambda channel: self._city.first_try(alarm.domain, alarm.site, released.rank, channel, self.wall_ms)
