"""One transaction's work on alarms: loads what it touches, steps it purely, writes everything at the end.

Every change goes through ``apply``, which steps the life cycle, writes the log and releases the warnings
the change calls for; so state, log and outbox can never tell different stories.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, from_row, to_changes, to_row, worded
from alerts.city import City
from alerts.ledger.chain import head_of, vouched, write_log
from alerts.lifecycle import Action, Cleared, Rank, Recorded, Revised, due, step
from alerts.log import log_action, log_note
from alerts.silences.holding import Holding
from alerts.store import Store
from alerts.warnings.release import Chain, Release, release
from topics.finding import Finding


class Episode(msgspec.Struct):
    """What the store has of one finding: the alarm of its youngest message, and the messages seen."""

    alarm_id: str
    seqs: set[int]
    closed: bool


class Workbench:
    """Alarms and findings of one write transaction at ``wall_ms``. Not used after ``finish``."""

    def __init__(self, connection: sa.Connection, store: Store, city: City, sender: str, wall_ms: int) -> None:
        self._connection = connection
        self._store = store
        self._city = city
        self._sender = sender
        self.wall_ms = wall_ms
        self._alarms: dict[str, AlarmRow] = {}
        self._fresh: set[str] = set()
        self._dirty: dict[str, None] = {}
        self._touched: dict[str, None] = {}
        self._open: dict[str, str | None] = {}
        self._last: dict[str, str | None] = {}
        self._episodes: dict[str, Episode] = {}
        self._chains: dict[str, dict[str, Chain]] = {}
        self._log: list[dict[str, Any]] = []
        self._findings: list[dict[str, Any]] = []
        self._holding = Holding(connection, city, wall_ms)
        self._releases: dict[int, Release] = {}  # by the place in the log of the line that tells of it

    def load_episodes(self, findings: Iterable[str]) -> None:
        """Read in one query what the store has of these findings."""
        table = schema.finding.c
        query = sa.select(table.id, table.seq, table.alarm_id, table.phase).where(table.id.in_(sorted(set(findings))))
        for row in self._connection.execute(query):
            self._remember(row.id, row.seq, row.alarm_id, row.phase)
        self._load(schema.alarm.c.id.in_(sorted({each.alarm_id for each in self._episodes.values()})))

    def load_open(self, keys: Iterable[str]) -> None:
        """Read the open alarms of these keys, and which closed one came last, in two queries for all."""
        wanted = sorted(set(keys) - self._open.keys())
        if not wanted:
            return
        self._open |= dict.fromkeys(wanted)
        self._load(schema.alarm.c.key.in_(wanted) & schema.alarm.c.closed.is_(None))
        self._last |= dict.fromkeys(wanted)
        table, other = schema.alarm.c, schema.alarm.alias().c
        youngest = sa.select(sa.func.max(other.opened)).where(other.key == table.key, other.closed.is_not(None))
        query = sa.select(table.key, table.id).where(
            table.key.in_(wanted), table.closed.is_not(None), table.opened == youngest.scalar_subquery()
        )
        self._last |= {row.key: row.id for row in self._connection.execute(query.order_by(table.stored))}

    def load_domain(self, domain: str) -> list[AlarmRow]:
        """Read the open alarms of a domain."""
        self._load((schema.alarm.c.domain == domain) & schema.alarm.c.closed.is_(None))
        return [alarm for alarm in self._alarms.values() if alarm.domain == domain and alarm.life.closed is None]

    def episode(self, finding: str) -> Episode | None:
        return self._episodes.get(finding)

    def alarm(self, name: str) -> AlarmRow | None:
        """The alarm with this id as it stands in this transaction."""
        if name not in self._alarms:
            self._load(schema.alarm.c.id == name)
        return self._alarms.get(name)

    def load_due(self, time_ms: int, limit: int) -> list[AlarmRow]:
        """Read the alarms that time itself acts on by ``time_ms``, the longest due first."""
        table = schema.alarm.c
        query = sa.select(table.id).where(table.due <= time_ms).order_by(table.due, table.id).limit(limit)
        names = list(self._connection.execute(query).scalars())
        self._load(table.id.in_(names))
        return [self._alarms[name] for name in names]

    def load(self, names: Iterable[str]) -> None:
        """Read the alarms with these ids."""
        self._load(schema.alarm.c.id.in_(sorted(set(names) - self._alarms.keys())))

    def open_alarm(self, key: str, time_ms: int) -> AlarmRow | None:
        """The alarm of this key that is open at ``time_ms`` of city time."""
        self.load_open([key])
        name = self._open[key]
        if name is None:
            return None
        alarm = self.catch_up(name, time_ms)
        return alarm if alarm.life.closed is None else None

    def last_closed(self, key: str) -> str | None:
        """The id of the youngest closed alarm of this key."""
        self.load_open([key])
        return self._last[key]

    def overlapping(self, key: str, start_ms: int, end_ms: int) -> AlarmRow | None:
        """The youngest alarm of this key whose time from opening to close touches [start, end]."""
        self._write_alarms()
        table = schema.alarm.c
        touches = (table.opened <= end_ms) & (sa.func.coalesce(table.closed, end_ms) >= start_ms)
        query = sa.select(table.id).where(table.key == key, touches).order_by(table.opened.desc()).limit(1)
        name = self._connection.execute(query).scalar()
        return self.alarm(name) if name is not None else None

    def add(self, alarm: AlarmRow) -> None:
        """Take a new alarm; it must be applied to before ``finish``."""
        self._alarms[alarm.id] = alarm
        self._fresh.add(alarm.id)

    def apply(self, name: str, action: Action, finding: Finding | None = None) -> AlarmRow:
        """Step the alarm, first by what time has done to it meanwhile; log it, release what it calls for.

        Raises ``lifecycle.NotAllowed``; the action has changed nothing then.
        """
        self.catch_up(name, action.time)
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
        if finding is not None and not isinstance(action, Cleared) and rank(finding.severity) >= after.rank:
            after = worded(after, finding)
        self._put(after)
        self._log.append(log_action(name, before.life, after.life, action, self.wall_ms))
        if not isinstance(action, Revised | Recorded):  # what only late data showed is told to nobody
            self.review(name, action.time)
        return after

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
            self._log.append(
                log_note(
                    name,
                    alarm.life,
                    "warning-released",
                    time_ms=time_ms,
                    wall_ms=self.wall_ms,
                    who=said.authority,
                    note=said.msg_type,
                )
            )

    def _silenced(self, alarm: AlarmRow, time_ms: int) -> bool:
        """Whether silences keep this alarm from being announced; that it is over is told to whoever knows of it."""
        by = self._holding.silences(alarm)
        for silence in self._holding.hold(alarm, by) if by else []:
            self._touched[alarm.id] = None
            said = f"{silence.id} {silence.comment}"
            note = log_note(
                alarm.id,
                alarm.life,
                "silenced",
                time_ms=time_ms,
                wall_ms=self.wall_ms,
                who=silence.created_by,
                note=said,
            )
            self._log.append(note)
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
        self._write_alarms()
        self._holding.write()
        if self._findings:
            self._connection.execute(sa.insert(schema.finding), self._findings)
        self._write_log_and_warnings()
        return list(self._touched)

    def _load(self, condition: sa.ColumnElement[bool]) -> None:
        for row in self._connection.execute(sa.select(schema.alarm).where(condition)).mappings():
            if row["id"] not in self._alarms:
                self._alarms[row["id"]] = from_row(dict(row))
                if row["closed"] is None:
                    self._open[row["key"]] = row["id"]

    def _remember(self, finding: str, seq: int, alarm_id: str, phase: str) -> None:
        episode = self._episodes.setdefault(finding, Episode(alarm_id, set(), False))
        if seq > max(episode.seqs, default=-1):
            episode.alarm_id = alarm_id
        episode.seqs.add(seq)
        episode.closed = episode.closed or phase == "close"

    def _put(self, alarm: AlarmRow) -> None:
        self._alarms[alarm.id] = alarm
        self._dirty[alarm.id] = None
        self._touched[alarm.id] = None
        if alarm.life.closed is None:
            self._open[alarm.key] = alarm.id
        elif self._open.get(alarm.key) == alarm.id:
            self._open[alarm.key] = None
            self._last[alarm.key] = alarm.id

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
            for row in each.deliveries(number, self.wall_ms)
        ]
        if owed:
            self._connection.execute(sa.insert(schema.delivery), owed)

    def _write_alarms(self) -> None:
        """Old alarms first: one that closed must make room before the new one of its key is inserted."""
        table = schema.alarm
        old = [to_changes(self._alarms[name]) for name in self._dirty if name not in self._fresh]
        new = [to_row(self._alarms[name]) for name in self._dirty if name in self._fresh]
        if old:
            self._connection.execute(sa.update(table).where(table.c.id == sa.bindparam("which")), old)
        if new:
            self._connection.execute(sa.insert(table), new)
        self._fresh -= self._dirty.keys()
        self._dirty.clear()
