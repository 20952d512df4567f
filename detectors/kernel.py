"""The kernel: readings of one partition in, findings out. Engine-free, columnar and pure.

Faust worker, Flink job and backtest all call this, and find the same things: what it says depends on the
partition's log alone, however the log is cut into batches and wherever it was saved and loaded in between.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from detectors.base import Columns, FloatArray, Outcome, Reject, Rows, SeriesSpec, SlotArray
from detectors.calibration import DEFAULT_RATE, RarityTable, alarm_rarity, prior_table
from detectors.chain import Chain
from detectors.open_episodes import Episode, Moment, OpenEpisodes, Teller
from detectors.forest_watch import ForestWatch, Latest
from detectors.isolation_forest import Forest
from detectors.kernel_state import KernelState
from detectors.kth_rows import kth_rows
from detectors.models import unpacked
from detectors.pack_tables import PackTables
from detectors.registry import TICK_DETECTORS
from detectors.row_episodes import ANOMALY, LIMIT, STUCK, RowEpisodes
from detectors.rules.limits import late_breaches
from detectors.samples import Samples
from detectors.series import SeriesTable
from detectors.severities import Severities
from detectors.silence_watch import SilenceWatch
from detectors.wording import amount, late_text
from topics.domain import Domain, PublishedPack, from_published
from topics.finding import Finding
from topics.reading import Control
from topics.scheme import load_scheme

#: A reading further ahead of the partition's city time than this is a fault of some clock.
AHEAD_MS = 600_000

#: Learning is frozen inside episodes, but not for ever: what stays for so long is the new normal.
RELEARN_MS = 6 * 3_600_000.0

MINUTE_MS = 60_000


class Kernel:
    """Judges the readings of one partition of ``topic``.

    ``rate``: false alerts that one healthy sensor may raise in a day, all statistical detectors together.
    ``collect`` keeps healthy feature rows in ``samples``, to fit models from.
    """

    def __init__(
        self, domain: Domain, topic: str, partition: int, *, rate: float = DEFAULT_RATE, collect: bool = False
    ) -> None:
        self.topic = topic
        self.partition = partition
        self.rate = rate
        self.samples = Samples() if collect else None
        self.series = SeriesTable()
        self.episodes = OpenEpisodes()
        self.latest = Latest()
        self.lost: dict[str, Episode] = {}
        self.last_tick = 0
        self.last_look = 0.0
        self.refs: dict[str, str] = {}
        self.table: RarityTable = prior_table()
        self.forests: dict[str, Forest] = {}
        self._domain_name = domain.name
        self._classes: dict[str, int] = {}
        self._versions: dict[str, str] | None = None
        self.teller = Teller(domain.name, topic, partition, self._versions_now)
        self.saved = KernelState(self)
        self._use_pack(PackTables(domain))

    # --- series -------------------------------------------------------------------------------------------

    def slot(self, series: str) -> int | None:
        """The slot of a series that has been bound."""
        return self.series.slot_of.get(series)

    def bind(self, spec: SeriesSpec) -> int:
        """The slot of this series, made at its first sight; what the spec says now replaces what it said."""
        slot = self.series.slot_of.get(spec.series)
        if slot is not None and self.series.specs[slot] == spec:
            return slot
        kinds = len(self.tables.kinds)
        code = self.tables.code(spec)
        if len(self.tables.kinds) != kinds:
            self._rebuild_chain()
        if slot is None:
            slot = self.series.add(spec, code, self._class_of(spec.sensor_class))
            self._grow()
        else:
            self.series.replace(slot, spec, code, self._class_of(spec.sensor_class))
        return slot

    def _grow(self) -> None:
        room = self.series.room
        self.chain.grow(room)
        self.episodes.grow(room)
        self.latest.grow(room)

    def _class_of(self, name: str) -> int:
        return self._classes.get(name, 0)

    # --- packs and models ---------------------------------------------------------------------------------

    def _use_pack(self, tables: PackTables) -> None:
        self.tables = tables
        domain = tables.domain
        severities = Severities(load_scheme(domain.scheme))
        settings = domain.detectors
        missing = TICK_DETECTORS["missing"](settings.get("missing", {}))
        forest = TICK_DETECTORS["isolation_forest"](settings.get("isolation_forest", {}))
        self.rows_judge = RowEpisodes(self.series, self.episodes, self.teller, severities)
        self.silence = SilenceWatch(missing, self.series, self.episodes, self.teller, severities, self.lost)
        self.forest_watch = ForestWatch(forest, self.series, self.episodes, self.latest, self.teller, severities)
        if not hasattr(self, "chain"):
            self.chain = Chain(tables)
        self._rebuild_chain()
        self._versions = None

    def _rebuild_chain(self) -> None:
        self.chain.rebuilt(self.tables)
        # The knob is for all statistical detectors together: half for the fused ones, half for the forest.
        self.bounds: FloatArray = alarm_rarity(self.rate / 2.0, self.tables.interval_ms)

    def use_models(self, body: bytes) -> None:
        """Put a bundle of fitted models in force. Raises ``ValueError`` if it is not one."""
        models = unpacked(body)
        self.table, self.forests = models.table, models.forests
        self._classes = {name: place for place, name in enumerate(models.table.classes)}
        for slot, spec in enumerate(self.series.specs):
            self.series.rarity_class[slot] = self._class_of(spec.sensor_class)
        self._versions = None

    def _versions_now(self) -> dict[str, str]:
        if self._versions is None:
            self._versions = {"pack": self.tables.hash[:16]}
            if "~model" in self.refs:
                self._versions["models"] = self.refs["~model"].partition("@")[2][:16]
        return self._versions

    # --- the log ------------------------------------------------------------------------------------------

    def apply(self, columns: Columns) -> Outcome:
        """Judge a micro-batch in log order.

        Rows at or before a series' last time are duplicates (same time, nothing happens) or late (limit rules
        only). Back-filled rows are late whatever their time. Rows too far ahead of city time are rejected.
        """
        outcome = Outcome()
        if not len(columns.slot):
            return outcome
        self.saved.settle(int(columns.offset[0]))
        fresh = columns.offset >= self.series.since[columns.slot]
        if not fresh.all():
            columns = _chosen(columns, np.flatnonzero(fresh))
        for positions in kth_rows(columns.slot):
            self._tick_of_rows(_chosen(columns, positions), outcome)
        outcome.findings.sort(key=lambda finding: finding.origin.last_offset)
        return outcome

    def _tick_of_rows(self, columns: Columns, outcome: Outcome) -> None:
        """One row for each of some series."""
        last = self.series.last_t[columns.slot]
        live = (columns.time_ms > last) & ~columns.backfill
        if self.last_tick:
            ahead = columns.time_ms > self.last_tick + AHEAD_MS
            if ahead.any():
                live &= ~ahead
                for place in np.flatnonzero(ahead).tolist():
                    outcome.rejects.append(self._ahead(columns, place))
                columns_late = ~live & ~ahead
            else:
                columns_late = ~live
        else:
            columns_late = ~live
        if columns_late.any():
            for place in np.flatnonzero(columns_late).tolist():
                self._late(columns, place, float(last[place]), outcome)
        if not live.all():
            chosen = np.flatnonzero(live)
            if not len(chosen):
                return
            columns, last = _chosen(columns, chosen), last[chosen]
        self._live(columns, last, outcome)

    def _live(self, columns: Columns, last: FloatArray, outcome: Outcome) -> None:
        rows = self._rows(columns, last)
        scores, kept, poison, which = self.chain.score(rows)
        slots, offset, stamp = columns.slot, columns.offset, columns.stamp
        if which is not None:
            for each in poison:
                detail = f"{self.series.specs[int(slots[each.position])].series}: {each.detector}: {each.error}"
                outcome.rejects.append(Reject(int(offset[each.position]), "detector_failed", detail))
            chosen = np.flatnonzero(which)
            slots, offset, stamp = slots[chosen], offset[chosen], stamp[chosen]
        self.chain.commit(scores)
        self.latest.keep(kept, scores)
        self.series.last_t[slots] = kept.t
        if self.silence.lost or self.episodes.by_place:
            outcome.findings += self.silence.returned(slots, kept.t, offset, stamp)
        since = self.chain.state["limit"]["since"]
        outcome.findings += self.rows_judge.judge(
            kept, slots, scores, self.table, self.bounds, self.tables.runs, self.tables.kinds,
            lambda k, slot: float(since[k, slot]), offset, stamp,
        )  # fmt: skip

    def _rows(self, columns: Columns, last: FloatArray) -> Rows:
        slots, code = columns.slot, self.series.code[columns.slot]
        x, tables = columns.value, self.tables
        mask = columns.usable & (x >= tables.low[code]) & (x <= tables.high[code])
        learn = mask
        if self.episodes.by_place:
            held = self.episodes.open[:, slots]
            if held.any():
                young = columns.time_ms - self.episodes.opened[:, slots] < RELEARN_MS
                learn = mask & ~(held & young)[[LIMIT, STUCK, ANOMALY]].any(axis=0)
        dense = int(slots[-1]) - int(slots[0]) + 1 == len(slots)
        return Rows(
            slots=slice(int(slots[0]), int(slots[-1]) + 1) if dense else slots,
            x=x,
            t=columns.time_ms,
            mask=mask,
            learn=learn,
            gap=columns.time_ms - last,
            code=code,
            resolution=tables.resolution[code],
            interval_ms=tables.interval_ms[code],
            first_t=int(columns.time_ms.min()),
            last_t=int(columns.time_ms.max()),
        )

    def _ahead(self, columns: Columns, place: int) -> Reject:
        series, time = self.series.specs[int(columns.slot[place])].series, int(columns.time_ms[place])
        detail = f"{series}: expected a time at most {AHEAD_MS // 1000} s after city time {self.last_tick}, got {time}"
        return Reject(int(columns.offset[place]), "time_ahead", detail)

    def _late(self, columns: Columns, place: int, last: float, outcome: Outcome) -> None:
        """A row that comes after its time: it may show that a limit was broken, it never sounds a siren."""
        time, value, slot = int(columns.time_ms[place]), float(columns.value[place]), int(columns.slot[place])
        if time == last and not columns.backfill[place]:
            outcome.duplicate += 1
            return
        outcome.late += 1
        code = int(self.series.code[slot])
        inside = self.tables.low[code] <= value <= self.tables.high[code]
        if not (columns.usable[place] and inside and self.tables.runs["limit"][code]):
            return
        kind, spec = self.tables.kinds[code], self.series.specs[slot]
        scheme = load_scheme(self.tables.domain.scheme)
        broken = late_breaches(kind.limits, value, time)
        if not broken:
            return
        limit = max(broken, key=lambda each: scheme.rank(each.severity))
        offset, stamp = int(columns.offset[place]), int(columns.stamp[place])
        rank = scheme.rank(limit.severity)
        episode = Episode("limit", spec.series, spec.site, spec.quantity, time, rank, limit.severity, offset)
        decimals = kind.facts.decimals if kind.facts else 2
        value_text, bound = amount(value, decimals, spec.unit), amount(limit.value, decimals, spec.unit)
        text = late_text(spec, limit, value_text, bound, time)
        moment = Moment(time, offset, stamp, value, limit.value, float(rank))
        for phase in ("open", "close"):
            outcome.findings.append(self.teller.tell(episode, phase, moment, text, spec.unit, late=True))

    def control(self, control: Control, offset: int, stamp: int, artefact: bytes | None) -> Outcome:
        """Obey a control message: city time, models or pack. A broken artefact is a reject, nothing changes."""
        outcome = Outcome()
        self.saved.settle(offset)
        if control.series == "~tick":
            self._tick(control.time, offset, stamp, outcome)
        else:
            try:
                self.obey(control.series, control.ref, artefact or b"")
            except (ValueError, msgspec.MsgspecError) as error:
                outcome.rejects.append(Reject(offset, "schema_mismatch", f"{control.series} {control.ref}: {error}"))
                return outcome
            self.saved.remember(offset, control.series, control.ref, control.time)
        return outcome

    def obey(self, series: str, ref: str, artefact: bytes) -> None:
        """Put a model bundle or a pack in force. Raises ``ValueError`` or ``MsgspecError`` if it is broken."""
        if series == "~model":
            self.use_models(artefact)
        else:
            domain = from_published(msgspec.json.decode(artefact, type=PublishedPack))
            if domain.name != self._domain_name:
                raise ValueError(f"expected a pack of domain {self._domain_name}, got {domain.name}")
            self._use_pack(self.tables.replaced(domain))
        self.refs[series] = ref
        self._versions = None

    def _tick(self, now: int, offset: int, stamp: int, outcome: Outcome) -> None:
        if now <= self.last_tick:
            return
        self.last_tick = now
        self.saved.remember(offset, "~tick", "", now)
        outcome.findings += self.silence.at_tick(now, offset, stamp, self.tables)
        minute = self.forest_watch.settings.minute_s * 1000.0
        if now // minute > self.last_look // minute and (self.forests or self.samples is not None):
            outcome.findings += self._look(now, offset, stamp)
        if now // minute > self.last_look // minute:
            self.last_look = float(now)

    def _look(self, now: int, offset: int, stamp: int) -> list[Finding]:
        slots, rows = self.forest_watch.rows(self.last_look, offset, self.tables, self.chain.state["ewma_level"])
        if not len(slots):
            return []
        found: list[Finding] = []
        if self.forests:
            found = self.forest_watch.look(slots, rows, self.forests, self.bounds, self.tables, now, offset, stamp)
        if self.samples is not None:
            healthy = np.flatnonzero(self.forest_watch.healthy(slots))
            classes = [self.series.specs[slot].sensor_class for slot in slots[healthy].tolist()]
            self.samples.add(classes, rows[healthy])
        return found

    # --- snapshots ----------------------------------------------------------------------------------------

    def export(self, block: int) -> dict[str, Any]:
        """The state of a block's series as plain values and arrays; equal states export alike."""
        return self.saved.export(block)

    def load(self, exported: dict[str, Any], since: int) -> None:
        """Take over a block; rows and ticks before offset ``since`` are in it already and will be ignored for it."""
        self.saved.load(exported, since)

    def export_shared(self) -> dict[str, Any]:
        """What belongs to the whole partition: which controls were obeyed where."""
        return self.saved.export_shared()

    def load_shared(
        self, exported: dict[str, Any], at: int, artefact: Callable[[str], bytes | None] = lambda _: None
    ) -> None:
        """Take over the controls; those in force are found when the first row or control comes.

        ``artefact`` gives the bytes of a model or pack by its ref.
        """
        self.saved.load_shared(exported, at, artefact)


def _chosen(columns: Columns, positions: SlotArray) -> Columns:
    return Columns(
        columns.slot[positions], columns.time_ms[positions], columns.value[positions], columns.usable[positions],
        columns.backfill[positions], columns.offset[positions], columns.stamp[positions],
    )  # fmt: skip
