"""From findings to alarms: one batch, one transaction, together with the offsets it came from.

A message is known by (finding id, seq). One seen before is counted as repeated and changes nothing;
one that comes after a later one of its finding is kept but changes nothing either. Late data revises,
and never sounds. Whatever else is missing or odd, the alarm is stored.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import AlarmRow, new_alarm
from alerts.city import City
from alerts.lifecycle import Changed, Cleared, Escalated, Raised, Recorded, Revised
from alerts.store import Store
from alerts.stored_offsets import Place, StoredOffsets
from alerts.views import finite
from alerts.workbench import Workbench
from records.overdue import climbed, climbs, handling_of
from topics.finding import Finding
from topics.handling import Handling
from topics.reading import EARLIEST_MS, LATEST_MS

#: What a database column of 32 bits holds.
LARGEST_SEQ = 2**31 - 1


class Arrived(msgspec.Struct, frozen=True):
    """A finding's message and where it lay; without a place (``topic`` empty) it is taken as new."""

    finding: Finding
    topic: str = ""
    partition: int = 0
    offset: int = 0


class Taken(msgspec.Struct):
    """What a batch did: messages stored, repeated and out of order, alarms changed (ids), and for each
    stored message the milliseconds from Kafka's stamp to the store.
    """

    stored: int = 0
    repeated: int = 0
    out_of_order: int = 0
    alarms: list[str] = msgspec.field(default_factory=list)
    latencies_ms: list[int] = msgspec.field(default_factory=list)


def read_finding(value: bytes) -> Finding:
    """The finding of a record. Raises ``ValueError`` with what was required, what came and where."""
    try:
        finding = msgspec.json.decode(value, type=Finding)
        if b"\\u0000" in value:  # PostgreSQL keeps NUL in no text
            finding = msgspec.json.decode(value.replace(b"\\u0000", b"\\ufffd"), type=Finding)
    except UnicodeDecodeError as error:
        raise ValueError(f"finding: expected UTF-8, got {error}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"finding: {error}") from error
    for name in ("opened", "time", "closed"):
        moment = getattr(finding, name)
        if moment is not None and not EARLIEST_MS <= moment <= LATEST_MS:
            raise ValueError(f"finding: expected ms UTC between 2000 and 2100 - at `$.{name}`, got {moment}")
    if finding.seq > LARGEST_SEQ:
        raise ValueError(f"finding: expected seq <= {LARGEST_SEQ} - at `$.seq`, got {finding.seq}")
    return finding


def _cleared(finding: Finding) -> Cleared:
    return Cleared(finding.closed or finding.time, finding.id, finite(finding.value))


def _lasts(finding: Finding, alarm: AlarmRow) -> bool:
    """Whether the alarm has this finding as open, heard or suppressed by design."""
    return finding.id in alarm.life.findings or finding.id in alarm.life.by_design


class Intake:
    """Takes batches of findings into the store. ``wall_ms`` gives the wall time; ``offsets`` say what was taken."""

    def __init__(self, store: Store, city: City, sender: str, wall_ms: Callable[[], int]) -> None:
        self._store = store
        self._city = city
        self._sender = sender
        self._wall_ms = wall_ms
        self.offsets = StoredOffsets(store)

    def take(
        self, batch: Sequence[Arrived], next_offsets: Mapping[Place, int] | None = None, *, refused: int = 0
    ) -> Taken:
        """Store a batch in the order given, and with it where to read on and how many records were no findings."""
        return self._store.write(lambda connection: self._take(connection, batch, next_offsets or {}, refused))

    def take_within(self, connection: sa.Connection, batch: Sequence[Arrived]) -> Taken:
        """Store a batch that came by another road than Kafka, in the caller's transaction."""
        return self._take(connection, batch, {}, 0)

    def _take(
        self, connection: sa.Connection, batch: Sequence[Arrived], next_offsets: Mapping[Place, int], refused: int
    ) -> Taken:
        taken = Taken()
        bench = Workbench(connection, self._store, self._city, self._sender, self._wall_ms())
        reached = self.offsets.reached(connection, next_offsets)
        fresh = [each.finding for each in batch if each.offset >= reached.get((each.topic, each.partition), 0)]
        bench.load_episodes(finding.id for finding in fresh)
        bench.load_open(finding.alarm_key for finding in fresh)
        for finding in fresh:
            self._take_one(bench, finding, taken)
        taken.alarms = bench.finish()
        self.offsets.move(connection, next_offsets, reached)
        self._count(connection, taken, refused)
        return taken

    def _take_one(self, bench: Workbench, finding: Finding, taken: Taken) -> None:
        episode = bench.episode(finding.id)
        if episode is not None and finding.seq in episode.seqs:
            taken.repeated += 1
            return
        if episode is None:
            alarm = self._begin(bench, finding)
        else:
            alarm = self._known(bench, finding, episode.alarm_id)
            if finding.seq < max(episode.seqs):
                taken.out_of_order += 1
            else:
                alarm = self._go_on(bench, finding, alarm, episode.closed)
        self._climb(bench, finding, alarm)
        bench.keep(finding, alarm.id)
        taken.stored += 1
        if finding.stamp:
            taken.latencies_ms.append(max(0, bench.wall_ms - finding.stamp))

    def _climb(self, bench: Workbench, finding: Finding, alarm: AlarmRow) -> None:
        """What is overdue climbs by its own clock, and its alarm with it."""
        if not climbs(finding) or finding.phase == "close":
            return
        life = bench.catch_up(alarm.id, finding.time).life
        while life.closed is None and life.escalation < climbed(finding) and life.next_step is not None:
            step = Escalated(finding.time, rule="overdue-climbs", to=life.next_step)
            life = bench.apply(alarm.id, step).life

    def _begin(self, bench: Workbench, finding: Finding, *, outgrew: bool = False) -> AlarmRow:
        """The first message of an episode: onto the open alarm of its key, or a new alarm."""
        key = finding.alarm_key
        if finding.late:
            return self._record(bench, finding, key)
        alarm = bench.open_alarm(key, finding.time)
        if alarm is None:
            alarm = self._new(bench, finding, outgrew=outgrew)
        self._raise(bench, finding, alarm)
        if finding.phase == "close":
            bench.apply(alarm.id, _cleared(finding), finding)
        return alarm

    def _new(self, bench: Workbench, finding: Finding, *, outgrew: bool = False) -> AlarmRow:
        alarm = new_alarm(finding, bench.last_closed(finding.alarm_key), bench.wall_ms, outgrew=outgrew)
        bench.add(alarm)
        return alarm

    def _raise(self, bench: Workbench, finding: Finding, alarm: AlarmRow) -> AlarmRow:
        """The action that opens an alarm says how its pack handles it now; it keeps that for its life. What the state
        of its unit makes meaningless is suppressed by design from its first moment.
        """
        new = alarm.life.opened is None
        handling = self._city.handling(finding.domain, finding.quantity, finding.family) if new else None
        if handling is not None and climbs(finding):
            handling = handling_of(finding, handling)
        state = self._city.units.suppressing(finding)
        action = Raised(
            finding.time,
            finding.id,
            finding.severity,
            finding.opened,
            finite(finding.value),
            finite(finding.expected),
            handling if handling != Handling() else None,
            "" if state is None else state.unit,
            "" if state is None else state.state,
        )
        return bench.apply(alarm.id, action, finding)

    def _record(self, bench: Workbench, finding: Finding, key: str) -> AlarmRow:
        """Late data: a revision of the alarm it falls into, else a record that was never open."""
        end = max(finding.closed or finding.time, finding.opened)
        alarm = bench.overlapping(key, finding.opened, end)
        if alarm is not None:
            return bench.apply(alarm.id, Revised(finding.time, finding.id))
        alarm = self._new(bench, finding)
        return bench.apply(alarm.id, Recorded(end, finding.id, finding.severity, finding.opened), finding)

    def _go_on(self, bench: Workbench, finding: Finding, alarm: AlarmRow, was_closed: bool) -> AlarmRow:
        """A later message of an episode the store knows; the alarm it belongs to."""
        if self._outgrew(finding, alarm, was_closed):
            return self._begin(bench, finding, outgrew=True)
        if not _lasts(finding, alarm) or was_closed:
            return bench.apply(alarm.id, Revised(finding.time, finding.id))
        if finding.phase == "close":
            return bench.apply(alarm.id, _cleared(finding), finding)
        if finding.late:
            return bench.apply(alarm.id, Revised(finding.time, finding.id))
        value, limit = finite(finding.value), finite(finding.expected)
        alarm = bench.apply(alarm.id, Changed(finding.time, finding.id, finding.severity, value, limit), finding)
        for _, action in self._city.units.asked(alarm.life, [finding], finding.time):
            alarm = bench.apply(alarm.id, action, finding)
        return alarm

    def _outgrew(self, finding: Finding, alarm: AlarmRow, was_closed: bool) -> bool:
        """An alarm that a person closed while its condition lasted answers for the severity it had, not for a worse."""
        life = alarm.life
        if was_closed or finding.late or finding.phase == "close" or _lasts(finding, alarm):
            return False
        if life.verdict is None or not life.covered:
            return False
        return self._rank(finding, finding.severity) > self._rank(finding, life.covered)

    def _rank(self, finding: Finding, code: str) -> int:
        return self._city.rank(finding.domain, code)

    def _known(self, bench: Workbench, finding: Finding, alarm_id: str) -> AlarmRow:
        assert bench.alarm(alarm_id) is not None, (
            f"finding {finding.id}: no alarm {alarm_id}, which a foreign key keeps"
        )
        return bench.catch_up(alarm_id, finding.time)

    def _count(self, connection: sa.Connection, taken: Taken, refused: int) -> None:
        counts = {"repeated": taken.repeated, "out_of_order": taken.out_of_order, "refused": refused}
        rows = [{"name": name, "count": count} for name, count in counts.items() if count]
        if rows:
            connection.execute(self._store.upsert(schema.tally, add=("count",)), rows)
