"""Fills a store with closed alarms as years of a city leave them behind, fast enough for a million.

The rows are those a real life leaves (raised, acknowledged, cleared; one finding), made once and varied; they go in
past the work bench, so the hash chain knows nothing of them: such a store is for measuring only.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from alerts import schema
from alerts.alarm_row import new_alarm, to_row
from alerts.lifecycle import Acknowledged, Action, Alarm, Cleared, Raised, step
from alerts.log import log_action
from alerts.store import Store
from alerts.verdicts import REASONS
from topics.finding import Finding, Origin, Text

DOMAINS = ("pollution", "cargo", "safety", "food")
SITES, QUANTITIES = 500, 40
RANKS = {"blue": 1, "yellow": 2, "orange": 3, "red": 4}
#: How often each severity comes, in a hundred.
SHARES = {"blue": 50, "yellow": 35, "orange": 12, "red": 3}
FIRST_MS = 1_700_000_000_000
SPAN_MS = 3 * 365 * 24 * 3600 * 1000
#: One in this many has a verdict.
JUDGED = 5
#: One in this many is still open.
STILL_OPEN = 2_000
CHUNK = 20_000

#: Room for the indexes while they grow at random places (kB, negative says so to SQLite).
FILLING = "PRAGMA cache_size = -400000"

Row = dict[str, Any]


def fill(store: Store, alarms: int, seed: int, told: Callable[[int], None] = lambda _: None) -> None:
    """Put in so many alarms, each with its finding and its log; ``told`` hears how many there are so far."""
    made = _rows(alarms, random.Random(seed))
    done = 0
    while chunk := list(_some(made, CHUNK)):
        put = _copy if not store.sqlite else _insert
        with store.engine.begin() as connection:
            if store.sqlite:
                connection.exec_driver_sql(FILLING)
            put(connection, schema.alarm, [alarm for alarm, _, _ in chunk])
            put(connection, schema.finding, [finding for _, finding, _ in chunk])
            put(connection, schema.alarm_log, [line for _, _, log in chunk for line in log])
        done += len(chunk)
        told(done)
    store.engine.dispose()  # what is measured has a cache of the usual size
    if not store.sqlite:  # the server does this by itself, a little later
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _some(rows: Iterator[Any], count: int) -> Iterator[Any]:
    for _, row in zip(range(count), rows, strict=False):
        yield row


def _rows(alarms: int, chance: random.Random) -> Iterator[tuple[Row, Row, list[Row]]]:
    pattern, finding = _pattern()
    severities, weights = list(SHARES), list(SHARES.values())
    verdicts = list(REASONS)
    for number in range(alarms):
        opened = FIRST_MS + SPAN_MS * number // alarms + chance.randrange(1000)
        domain, site = chance.choice(DOMAINS), f"site-{chance.randrange(SITES)}"
        quantity, severity = f"q{chance.randrange(QUANTITIES)}", chance.choices(severities, weights)[0]
        name = f"{chance.getrandbits(80):020x}"
        still_open = number % STILL_OPEN == STILL_OPEN - 1
        named = {
            "id": name, "key": f"{domain}|{site}|{quantity}|limit|{name if still_open else ''}", "domain": domain,
            "site": site, "quantity": quantity, "severity": severity, "rank": RANKS[severity],
            "latched_severity": severity, "covered_severity": severity, "opened": opened,
            "verdict": chance.choice(verdicts) if number % JUDGED == 0 else None,
        }  # fmt: skip
        life = pattern["open" if still_open else "closed"]
        alarm = life[0] | named | _moved(life[0], opened)
        log = [line | _moved(line, opened) | {"alarm_id": name, "severity": severity} for line in life[1]]
        said = finding | _moved(finding, opened) | {
            "id": name, "alarm_id": name, "domain": domain, "severity": severity, "subject": f"{site}/d/{quantity}/Rtd",
        }  # fmt: skip
        yield alarm, said, log


def _moved(row: Mapping[str, Any], by_ms: int) -> Row:
    """The event times of a pattern, which begins at 0, as they are of an alarm that opens then."""
    times = ("opened", "time", "updated", "returned", "closed", "acknowledged_at", "annunciated")
    return {name: row[name] + by_ms for name in times if row.get(name) is not None}


def _pattern() -> tuple[dict[str, tuple[Row, list[Row]]], Row]:
    """An alarm that opened at 0 and is closed, one that is open still, and the finding of both."""
    finding = Finding(
        "f", "open", 0, "safety", "site", "subject", "q", "limit", "limit", 1, "yellow", 0, 0,
        Text("可燃气体超限，读数高于限值", "flammable gas above its limit"), Origin("readings.safety", 0, 1, 2),
        value=30.0, expected=25.0, unit="%LEL",
    )  # fmt: skip
    actions: list[Action] = [
        Raised(0, "f", "yellow", 0, 30.0, 25.0),
        Acknowledged(60_000, "wang", "已派人"),
        Cleared(600_000, "f"),
    ]
    lives: dict[str, tuple[Row, list[Row]]] = {}
    for name, taken in (("open", actions[:1]), ("closed", actions)):
        alarm, log = Alarm(), []
        for action in taken:
            after = step(alarm, action, RANKS.__getitem__)
            log.append(log_action("", alarm, after, action, 0))
            alarm = after
        lives[name] = to_row(msgspec.structs.replace(new_alarm(finding, None, 0), life=alarm)), log
    row = {
        "seq": 0, "phase": "open", "detector": "limit", "opened": 0, "time": 0, "late": False, "stamp": 0, "stored": 0,
        "body": msgspec.json.encode(finding).decode(),
    }  # fmt: skip
    return lives, row


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    names = list(rows[0])
    words = f"INSERT INTO {table.name} ({', '.join(map(_quoted, names))}) VALUES ({', '.join('?' * len(names))})"
    connection.exec_driver_sql(words, [tuple(row[name] for name in names) for row in rows])


def _copy(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    names = list(rows[0])
    words = f"COPY {table.name} ({', '.join(map(_quoted, names))}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(words) as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def _quoted(name: str) -> str:
    return f'"{name}"'
