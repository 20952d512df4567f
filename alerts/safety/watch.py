"""Findings of safety work in the store: kept in one transaction before they are told, told until the topic has them."""

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.safety import tables
from alerts.store import Store
from records.safety.days import DAY_MS
from records.safety.episodes import Episode, Name
from topics.finding import Finding

#: An episode that was over for so long is not thought of any more; longer than any rule looks back.
FORGET_MS = 14 * DAY_MS

#: The name under which the store keeps when the rules were asked last.
LOOKED = "safety-work-looked"


class Watch:
    """The last episode of each name, in memory; the table is what a new process begins with."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._known: dict[str, dict[Name, Episode]] | None = None

    def known(self, domain: str, now: int) -> dict[Name, Episode]:
        """What was said last of each rule and subject."""
        if self._known is None:
            self._known = self._read(now)
        here = self._known.setdefault(domain, {})
        for name in [each for each, episode in here.items() if (episode.closed or now) < now - FORGET_MS]:
            del here[name]
        return here

    def keep(self, domain: str, said: Sequence[Episode], now: int) -> None:
        """Keep these messages, to be told."""
        if not said:
            return
        last = {each.finding.id: each for each in said}

        def work(connection: sa.Connection) -> None:
            waiting = sa.select(tables.safety_finding).where(
                tables.safety_finding.c.id.in_(list(last)), sa.not_(tables.safety_finding.c.sent)
            )
            unsent = {row.id: row.body for row in connection.execute(waiting)}
            for each in said:
                earlier = unsent.get(each.finding.id, "")
                unsent[each.finding.id] = f"{earlier}\n{_text(each)}".strip()
            rows = [_row(each, unsent[name]) for name, each in last.items()]
            connection.execute(self.store.upsert(tables.safety_finding), rows)

        self.store.write(work)
        here = self.known(domain, now)
        for each in said:
            here[(each.finding.detector, each.finding.subject)] = each

    def looked(self) -> int | None:
        """When the rules were asked last, in city time, by this process or one before; ``None`` if they never were."""
        table = schema.about.c
        with self.store.read() as connection:
            found = connection.execute(sa.select(table.value).where(table.name == LOOKED)).scalar()
        return None if found is None else int(found)

    def note_look(self, now: int) -> None:
        """The rules have been asked, and what they said is kept."""
        row = {"name": LOOKED, "value": str(now)}
        self.store.write(lambda connection: connection.execute(self.store.upsert(schema.about), [row]))

    def untold(self, limit: int = 500) -> list[tuple[str, str, list[Finding]]]:
        """Findings with messages that the topic does not have: id, what is stored, and the messages in their order."""
        table = tables.safety_finding.c
        asked = sa.select(table.id, table.body).where(sa.not_(table.sent)).order_by(table.opened, table.id).limit(limit)
        with self.store.read() as connection:
            rows = connection.execute(asked).all()
        return [(row.id, row.body, [_finding(line) for line in row.body.splitlines()]) for row in rows]

    def told(self, name: str, body: str) -> None:
        """The topic has what ``untold`` gave; what came since is still to be told."""
        table = tables.safety_finding
        change = sa.update(table).where(table.c.id == name, table.c.body == body)
        last = body.splitlines()[-1]
        self.store.write(lambda connection: connection.execute(change.values(sent=True, body=last)))

    def findings(self, sites: Sequence[str] | None, rules: Sequence[str], limit: int) -> list[Finding]:
        """The last messages of findings of these rules, the youngest first."""
        table = tables.safety_finding.c
        asked = sa.select(table.body).where(table.rule.in_(rules))
        if sites is not None:
            asked = asked.where(table.site.in_(sites))
        asked = asked.order_by(table.opened.desc(), table.id).limit(limit)
        with self.store.read() as connection:
            return [_finding(body.splitlines()[-1]) for body in connection.execute(asked).scalars()]

    def _read(self, now: int) -> dict[str, dict[Name, Episode]]:
        table = tables.safety_finding.c
        asked = (
            sa.select(table.body, table.mark)
            .where(sa.or_(table.closed.is_(None), table.closed >= now - FORGET_MS))
            .order_by(table.opened)
        )
        found: dict[str, dict[Name, Episode]] = {}
        with self.store.read() as connection:
            for body, mark in connection.execute(asked):
                finding = _finding(body.splitlines()[-1])
                found.setdefault(finding.domain, {})[(finding.detector, finding.subject)] = Episode(finding, mark)
        return found


def _text(episode: Episode) -> str:
    return msgspec.json.encode(episode.finding).decode()


def _finding(line: str) -> Finding:
    return msgspec.json.decode(line, type=Finding)


def _row(episode: Episode, body: str) -> dict[str, object]:
    finding = episode.finding
    return {
        "id": finding.id, "rule": finding.detector, "subject": finding.subject, "site": finding.site,
        "opened": finding.opened, "closed": finding.closed, "seq": finding.seq, "severity": finding.severity,
        "mark": episode.mark, "sent": False, "body": body,
    }  # fmt: skip
