"""How long a trace takes over a store of very many custody events, and how long it is until each holder is known.

The chain is a dairy's: farms deliver lots of milk, plants make lots of yoghurt of several and of common ingredients,
lots are packed into cases, cases onto pallets, pallets into vans, vans to shops where all is unpacked and sold. Asked
are four kinds of bad things, whose answers differ in size by a thousand times: a farm's lot of milk, what was in a van
for an hour, a lot of culture that went into everything for a quarter of a day, and one of sugar that did for days.
"""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from alerts.city import City
from alerts.custody import tables
from alerts.custody.holders import holders
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.registry import registry_of
from records.trace import Seed, backward, forward
from streams.process_cpu import process_cpu_s
from topics.events import Custody

#: Promised for one trace of any of these, and again for all who hold or held what it found, in seconds.
PROMISED_S = 1.0
FIRST_MS = 1_700_000_000_000
BATCH = 5_000
#: Events after which a plant opens its next lot of what goes into everything until then.
LASTS = {"culture": 20_000, "sugar": 200_000}
VANS = 40
HOUR_MS = 3_600_000
#: Events of one turn of the chain: from three lots of milk to the shop.
CYCLE = 13
KINDS = ("milk", "van", *LASTS)
#: Answers are told apart by how many things they name: up to so many.
SIZES = (100, 1_000, 10_000, 100_000)

Say = Callable[[str], None]
Found = TypeVar("Found")


def chain(events: int, seed: int) -> Iterator[Custody]:
    """``events`` events of the chain, in order of time; equal seeds give equal chains."""
    draw = random.Random(seed)
    number = 0
    lots: list[str] = []
    while number < events:
        milk = [f"urn:epc:class:lgtin:69.milk.{number}-{each}" for each in range(3)]
        lots = [*lots[-20:], *milk]
        made = f"urn:epc:class:lgtin:69.yoghurt.{number}"
        pallet, van = f"urn:epc:id:sscc:69.p{number}", _van(draw.randrange(VANS))
        cases = [f"urn:epc:id:sscc:69.c{number}-{each}" for each in range(4)]
        shop = f"urn:epc:id:sgln:69.shop{draw.randrange(500)}.0"
        steps: list[dict[str, Any]] = [
            {"type": "ObjectEvent", "action": "ADD", "quantityList": [{"epcClass": each}]} for each in milk
        ]
        sources = [*milk, *draw.sample(lots, min(2, len(lots)))] if draw.random() < 0.2 else milk
        sources = [*sources, *(_common(kind, number // lasts) for kind, lasts in LASTS.items())]
        steps.append(
            {
                "type": "TransformationEvent",
                "inputQuantityList": [{"epcClass": each} for each in dict.fromkeys(sources)],
                "outputQuantityList": [{"epcClass": made}],
            }
        )
        steps += (_packed(each, [], [made], "ADD") for each in cases)
        steps += [_packed(pallet, cases, [], "ADD"), _packed(van, [pallet], [], "ADD")]
        steps += [_packed(van, [pallet], [], "DELETE"), _packed(pallet, [], [], "DELETE")]
        steps.append({"type": "ObjectEvent", "action": "OBSERVE", "epcList": cases, "bizLocation": {"id": shop}})
        for step in steps:
            yield Custody(f"bench-{number}", "dairy", FIRST_MS + number * 1000, step)
            number += 1


def bench_trace(url: str, events: int, times: int, seed: int, say: Say) -> dict[str, Any]:
    """Fill the store at ``url``, unless it has this chain already, and trace ``times`` bad things each way."""
    store = Store(url)
    try:
        fill_cpu_s = _fill(store, events, seed, say)
        told = _trace(store, random.Random(seed), events, times, say)
    finally:
        store.close()
    return {"store": store.engine.dialect.name, "events": events, "fill_cpu_s": fill_cpu_s} | told


def _fill(store: Store, events: int, seed: int, say: Say) -> float:
    """Seconds of processor that it took."""
    record, began = CustodyRecord(store), time.process_time()
    batch: list[Custody] = []
    if _has(store, events):
        say("the store has the chain already")
        return 0.0
    for filled, event in enumerate(chain(events, seed), start=1):
        batch.append(event)
        if len(batch) == BATCH or filled == events:
            record.take(batch)
            batch = []
            if filled % 100_000 == 0:
                say(f"{filled:,} of {events:,} events")
    if not store.sqlite:  # as a server that has been running does by itself
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
    return round(time.process_time() - began, 1)


def _has(store: Store, events: int) -> bool:
    with store.read() as connection:
        last = sa.select(tables.custody_event.c.id).where(tables.custody_event.c.id == f"bench-{events - 1}")
        return connection.execute(last).first() is not None


def _trace(store: Store, draw: random.Random, events: int, times: int, say: Say) -> dict[str, Any]:
    """Every fourth of each kind of bad thing; each is asked over a connection of its own, as people do."""
    city = City((), registry_of([]))
    parts: dict[str, list[Timed]] = {"forward": [], "holders": [], "backward": []}
    seen = True
    for number in range(times):
        bad = _bad(KINDS[number % len(KINDS)], draw, events)
        with store.read() as connection:
            links, backend = StoredLinks(connection), _backend(connection)
            seen &= store.sqlite or backend is not None
            affected, timed = _timed(partial(forward, links, [bad]), backend)
            _, timed_holders = _timed(partial(holders, connection, city, affected, links), backend)
            for part, each in (("forward", timed), ("holders", timed_holders)):
                parts[part].append(msgspec.structs.replace(each, named=len(affected.carrying)))
        last = max(affected.since, key=lambda each: (affected.since[each], each), default=bad.name)
        with store.read() as connection:
            sources, timed = _timed(partial(backward, StoredLinks(connection), last), _backend(connection))
            parts["backward"].append(msgspec.structs.replace(timed, named=len(sources)))
        say(f"{bad.name}: {parts['forward'][-1]}, holders {parts['holders'][-1]}")
    those = [each for timed in parts.values() for each in timed]
    worst, worst_cpu = max(each.wall_s for each in those), max(each.cpu_s for each in those)
    # What else the machine does is no part of the answer; but a PostgreSQL elsewhere is seen by the clock alone.
    kept = (worst_cpu if seen else worst) < PROMISED_S
    return {
        "promised_s": PROMISED_S, "worst_s": worst, "worst_cpu_s": worst_cpu,
        "by": "processor" if seen else "clock", "kept": kept,
    } | {part: _by_size(timed) for part, timed in parts.items()}  # fmt: skip


def _bad(kind: str, draw: random.Random, events: int) -> Seed:
    cycle = draw.randrange(events // CYCLE) * CYCLE
    if kind == "milk":
        return Seed(f"urn:epc:class:lgtin:69.milk.{cycle}-0")
    if kind == "van":
        start = FIRST_MS + cycle * 1000
        return Seed(_van(draw.randrange(VANS)), (start, start + HOUR_MS))
    return Seed(_common(kind, cycle // LASTS[kind]))


class Timed(msgspec.Struct, frozen=True):
    """One answer: seconds by the clock and of the processor (of this process and of the database's own for the
    connection), and how many things it names.
    """

    wall_s: float
    cpu_s: float
    named: int = 0


def _backend(connection: sa.Connection) -> int | None:
    """The id of the process in which a PostgreSQL on this machine works for the connection; ``None`` where there is
    none to be seen.
    """
    if connection.dialect.name == "sqlite":
        return None
    pid: int = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    name = Path(f"/proc/{pid}/comm")
    return pid if name.exists() and name.read_text(encoding="utf-8").startswith("postgres") else None


def _cpu_s(backend: int | None) -> float:
    return time.process_time() + (process_cpu_s(backend) if backend is not None else 0.0)


def _timed(work: Callable[[], Found], backend: int | None) -> tuple[Found, Timed]:
    wall, cpu = time.perf_counter(), _cpu_s(backend)
    found = work()
    took = time.perf_counter() - wall
    return found, Timed(round(took, 4), round(_cpu_s(backend) - cpu, 4))


def _by_size(timed: list[Timed]) -> list[dict[str, Any]]:
    """Figures of the answers that name up to so many things, in rising order."""
    sizes: dict[int, list[Timed]] = {}
    for each in timed:
        size = next((size for size in SIZES if each.named <= size), each.named)
        sizes.setdefault(size, []).append(each)
    return [
        {
            "up_to": size,
            "answers": len(those),
            "largest": max(each.named for each in those),
            "median_s": sorted(each.wall_s for each in those)[len(those) // 2],
            "worst_s": max(each.wall_s for each in those),
            "worst_cpu_s": max(each.cpu_s for each in those),
        }
        for size, those in sorted(sizes.items())
    ]


def _van(number: int) -> str:
    return f"urn:epc:id:giai:69.van{number}"


def _common(kind: str, number: int) -> str:
    return f"urn:epc:class:lgtin:69.{kind}.{number}"


def _packed(parent: str, children: list[str], lots: list[str], action: str) -> dict[str, Any]:
    return {
        "type": "AggregationEvent",
        "action": action,
        "parentID": parent,
        "childEPCs": children,
        "childQuantityList": [{"epcClass": each} for each in lots],
    }
