"""The alarms that one write transaction has at hand: read in few queries, changed in memory, written at its end."""

from collections.abc import Collection, Iterable

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, from_row, to_changes, to_row
from alerts.groups import Groups


class Episode(msgspec.Struct):
    """What the store has of one finding: the alarm of its youngest message, and the messages seen."""

    alarm_id: str
    seqs: set[int]
    closed: bool


class AtHand:
    """Alarms and what is known of findings, of one write transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._alarms: dict[str, AlarmRow] = {}
        self._fresh: set[str] = set()
        self._dirty: dict[str, None] = {}
        self._touched: dict[str, None] = {}
        self._open: dict[str, str | None] = {}
        self._last: dict[str, str | None] = {}
        self._episodes: dict[str, Episode] = {}
        self._groups = Groups(connection)

    def load_episodes(self, findings: Iterable[str]) -> None:
        """Read in one query what the store has of these findings."""
        table = schema.finding.c
        query = sa.select(table.id, table.seq, table.alarm_id, table.phase).where(table.id.in_(sorted(set(findings))))
        for row in self._connection.execute(query):
            self._remember(row.id, row.seq, row.alarm_id, row.phase)
        self._load(schema.alarm.c.id.in_(sorted({each.alarm_id for each in self._episodes.values()})))

    def load_open(self, keys: Iterable[str]) -> None:
        """Read the open alarms of these keys, and which closed one came last, in two queries for all."""
        wanted = sorted(set(keys) - self._last.keys())
        if not wanted:
            return
        self._open = dict.fromkeys(wanted) | self._open
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

    def load_site(self, domain: str, site: str, families: Collection[str]) -> list[AlarmRow]:
        """Read the open alarms of a site that are of these families."""
        table = schema.alarm.c
        mine = (table.domain == domain) & (table.site == site) & table.family.in_(families) & table.closed.is_(None)
        self._load(mine)
        names = self._connection.execute(sa.select(table.id).where(mine).order_by(table.id)).scalars()
        return [self._alarms[name] for name in names]

    def episode(self, finding: str) -> Episode | None:
        """The episode that a finding of this id belongs to, ``None`` where it is not at hand."""
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

    def last_closed(self, key: str) -> str | None:
        """The id of the youngest closed alarm of this key."""
        self.load_open([key])
        return self._last[key]

    def overlapping(self, key: str, start_ms: int, end_ms: int) -> AlarmRow | None:
        """The youngest alarm of this key whose time from opening to close touches [start, end]."""
        self.write_alarms()
        table = schema.alarm.c
        touches = (table.opened <= end_ms) & (sa.func.coalesce(table.closed, end_ms) >= start_ms)
        query = sa.select(table.id).where(table.key == key, touches).order_by(table.opened.desc()).limit(1)
        name = self._connection.execute(query).scalar()
        return self.alarm(name) if name is not None else None

    def add(self, alarm: AlarmRow) -> None:
        """Take a new alarm; it must be applied to before ``finish``."""
        self._alarms[alarm.id] = alarm
        self._fresh.add(alarm.id)

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

    def write_alarms(self) -> None:
        """Old alarms first: one that closed must make room before the new one of its key is inserted."""
        self._groups.write()
        table = schema.alarm
        old = [to_changes(self._alarms[name]) for name in self._dirty if name not in self._fresh]
        new = [to_row(self._alarms[name]) for name in self._dirty if name in self._fresh]
        if old:
            self._connection.execute(sa.update(table).where(table.c.id == sa.bindparam("which")), old)
        if new:
            self._connection.execute(sa.insert(table), new)
        self._fresh -= self._dirty.keys()
        self._dirty.clear()
