"""Is the ledger what it was when it was written? Checked offline, by reading alone, against what others hold.

Three questions, each with faults of its own:

* does the chain hold in itself: every entry there, following the one before, with the hash of its content;
* do the tables say what the chain says: every line of the log, try, act, event of a case, record and warning as it was
  entered, none besides;
* is it the chain that was published: every head somebody else holds is still in it. Whoever may write the database
  can make a tail anew so that it holds in itself, or cut it off; only this question finds that out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.ledger.chain import BEGUN, GENESIS, LOG, Head, digest
from alerts.ledger.chained import CHAINED, Chained
from alerts.ledger.known_heads import KnownHead
from alerts.ledger.tables import ledger

FETCH = 1000


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: at which ``entry`` (None where there is none), of which sort, and what in words."""

    entry: int | None
    fault: str
    what: str


class Verdict(msgspec.Struct, frozen=True):
    """What came of it: how many entries there are, the head, the heads it was held against, and every fault."""

    entries: int
    head: Head
    heads_checked: int
    heads_of_other_stores: int
    broken: list[Fault]


def verify(connection: sa.Connection, known: Iterable[KnownHead] = ()) -> Verdict:
    """Read everything in one view of the store. The faults stand in the order of the questions, then of the entries."""
    store = connection.execute(sa.select(schema.about.c.value).where(schema.about.c.name == "id")).scalar() or ""
    mine: dict[int, list[KnownHead]] = {}
    others = 0
    for each in known:
        if each.store and each.store != store:
            others += 1
        else:
            mine.setdefault(each.head.sequence, []).append(each)
    walk = _Walk(mine)
    broken = list(walk.faults(connection))
    broken += [fault for kind, each in CHAINED.items() for fault in _table_faults(connection, kind, each)]
    broken += _warning_faults(connection, walk.vouched, walk.last_unvouched)
    broken += walk.head_faults()
    return Verdict(walk.count, walk.head, sum(len(each) for each in mine.values()), others, broken)


class _Walk:
    """Once through the chain, noting on the way what the other questions need."""

    def __init__(self, known: Mapping[int, list[KnownHead]]) -> None:
        self._known = known
        self._met: dict[int, str] = {0: GENESIS}
        self.count = 0
        self.head = Head()
        self.vouched: dict[str, tuple[int, str]] = {}
        self.last_unvouched = 0

    def faults(self, connection: sa.Connection) -> Iterator[Fault]:
        rows = connection.execution_options(yield_per=FETCH).execute(sa.select(ledger).order_by(ledger.c.sequence))
        for row in rows:
            self.count += 1
            yield from self._entry_faults(row)
            self.head = Head(row.sequence, row.hash)
            if row.sequence in self._known:
                self._met[row.sequence] = row.hash
            if row.kind == BEGUN or (row.kind == LOG and '"statement_sha256"' in row.body):
                self._note(row)

    def _entry_faults(self, row: Any) -> Iterator[Fault]:
        expected = self.head.sequence + 1
        if row.sequence != expected:
            gone = (
                f"entry {expected} is"
                if row.sequence == expected + 1
                else f"entries {expected} to {row.sequence - 1} are"
            )
            yield Fault(expected, "missing", f"{gone} missing before entry {row.sequence}")
        elif row.previous != self.head.hash:
            what = f"previous: expected the hash of entry {self.head.sequence}, {self.head.hash}, got {row.previous}"
            yield Fault(row.sequence, "does-not-follow", f"entry {row.sequence}: {what}")
        found = digest(row.sequence, row.previous, row.kind, row.body)
        if row.hash != found:
            what = f"its content ({row.kind}) has the hash {found}, got {row.hash}: it was changed after it was written"
            yield Fault(row.sequence, "changed", f"entry {row.sequence}: {what}")

    def _note(self, row: Any) -> None:
        try:
            body = msgspec.json.decode(row.body)
            if row.kind == BEGUN:
                self.last_unvouched = body["last_warning"]
            else:
                self.vouched[body["identifier"]] = (row.sequence, body["statement_sha256"])
        except (msgspec.DecodeError, KeyError, TypeError):
            return  # an entry that was changed has been told already

    def head_faults(self) -> Iterator[Fault]:
        """Where the chain first leaves what others hold, and to where it agreed with them."""
        agreed = 0
        for sequence in sorted(self._known):
            for each in self._known[sequence]:
                if self._met.get(sequence) == each.head.hash:
                    agreed = sequence
                    continue
                since = f"they agree up to entry {agreed}" if agreed else "no earlier head is known"
                if sequence > self.head.sequence:
                    what = (
                        f"{each.where} says that there were {sequence} entries; the ledger ends at {self.head.sequence}"
                    )
                    yield Fault(sequence, "cut-off", f"{what}: its tail was cut off ({since})")
                else:
                    got = self._met.get(sequence, "no such entry")
                    what = f"{each.where} says that entry {sequence} had the hash {each.head.hash}, got {got}"
                    yield Fault(sequence, "made-anew", f"{what}: entries were made anew ({since})")


def _table_faults(connection: sa.Connection, kind: str, chained: Chained) -> Iterator[Fault]:
    """Lines of a table that are gone, changed, doubled, or never entered."""
    table, key = chained.table, list(chained.table.primary_key.columns)
    reading = connection.execution_options(yield_per=FETCH)
    joined = ledger.outerjoin(table, table.c.entry == ledger.c.sequence)
    columns = [column.label(f"line_{column.name}") for column in table.c]
    query = sa.select(ledger.c.sequence, ledger.c.body, *columns).select_from(joined).where(ledger.c.kind == kind)
    last = 0
    for row in reading.execute(query.order_by(ledger.c.sequence, *key)):
        if row.line_entry is None:
            yield Fault(row.sequence, "line-removed", f"entry {row.sequence}: its line is gone from {table.name}")
        elif row.sequence == last:
            what = f"{_line(row, table, 'line_')} claims entry {row.sequence}, which another line has already"
            yield Fault(row.sequence, "line-inserted", what)
        else:
            yield from _line_faults(row, chained)
        last = row.sequence
    known = sa.select(ledger.c.sequence).where(ledger.c.sequence == table.c.entry, ledger.c.kind == kind)
    for row in reading.execute(sa.select(*key, table.c.entry).where(~known.exists()).order_by(*key)):
        what = "was never entered" if row.entry is None else f"claims entry {row.entry}, which is no {kind}"
        yield Fault(row.entry, "line-inserted", f"{_line(row, table)} {what}")


def _line(row: Any, table: sa.Table, before: str = "") -> str:
    """``line 7 of alarm_log``, by the line's key."""
    key = ", ".join(str(getattr(row, f"{before}{column.name}")) for column in table.primary_key.columns)
    return f"line {key} of {table.name}"


def _line_faults(row: Any, chained: Chained) -> Iterator[Fault]:
    try:
        entered = chained.entered(msgspec.json.decode(row.body, type=dict[str, Any]))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return  # the walk has told that this entry was changed
    for name, value in entered.items():
        found = getattr(row, f"line_{name}")
        try:
            held = chained.held(name, found)
        except msgspec.DecodeError:
            held = found
        if held != value:
            what = f"{_line(row, chained.table, 'line_')}: {name}: entered as {value!r}, got {held!r}"
            yield Fault(row.sequence, "line-changed", f"entry {row.sequence}: {what}")


def _warning_faults(
    connection: sa.Connection, vouched: Mapping[str, tuple[int, str]], last_unvouched: int
) -> Iterator[Fault]:
    """Warnings whose text is not what was released; up to ``last_unvouched`` they are from before there was a chain."""
    left, warning = dict(vouched), schema.warning.c
    query = sa.select(warning.id, warning.identifier, warning.statement).order_by(warning.id)
    for row in connection.execution_options(yield_per=FETCH).execute(query):
        entry, sha = left.pop(row.identifier, (None, ""))
        if entry is None:
            if row.id > last_unvouched:
                yield Fault(None, "warning-inserted", f"warning {row.identifier} was never entered")
        elif hashlib.sha256(row.statement.encode()).hexdigest() != sha:
            what = f"entry {entry}: the text of warning {row.identifier} is not the one that was released"
            yield Fault(entry, "warning-changed", what)
    for identifier, (entry, _) in left.items():
        yield Fault(entry, "warning-removed", f"entry {entry}: warning {identifier} is gone")
