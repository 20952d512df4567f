"""How long a trace takes over a store of very many custody events.

Forward from one farm's lot or from one lot of culture, back from one pack. The chain is a dairy's: farms deliver lots
of milk, plants make lots of yoghurt of several and of a common culture, lots are packed into cases, cases onto
pallets, pallets into vans, vans to shops where all is unpacked and sold.
"""

import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from alerts.custody.record import CustodyRecord, StoredLinks
from alerts.store import Store
from records.trace import Seed, backward, forward
from topics.events import Custody

#: Promised for one trace, in seconds.
PROMISED_S = 1.0
FIRST_MS = 1_700_000_000_000
BATCH = 5_000
#: Events after which a plant opens its next lot of culture, which goes into everything until then.
LOT_LASTS = 20_000

Say = Callable[[str], None]


def chain(events: int, seed: int) -> Iterator[Custody]:
    """``events`` events of the chain, in order of time; equal seeds give equal chains."""
    draw = random.Random(seed)
    number, vans = 0, 40
    lots: list[str] = []
    while number < events:
        milk = [f"urn:epc:class:lgtin:69.milk.{number}-{each}" for each in range(3)]
        lots = [*lots[-20:], *milk]
        made = f"urn:epc:class:lgtin:69.yoghurt.{number}"
        pallet, van = f"urn:epc:id:sscc:69.p{number}", f"urn:epc:id:giai:69.van{draw.randrange(vans)}"
        cases = [f"urn:epc:id:sscc:69.c{number}-{each}" for each in range(4)]
        shop = f"urn:epc:id:sgln:69.shop{draw.randrange(500)}.0"
        steps: list[dict[str, Any]] = [
            {"type": "ObjectEvent", "action": "ADD", "quantityList": [{"epcClass": each}]} for each in milk
        ]
        sources = [*milk, *draw.sample(lots, min(2, len(lots)))] if draw.random() < 0.2 else milk
        sources = [*sources, f"urn:epc:class:lgtin:69.culture.{number // LOT_LASTS}"]
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
    """Fill the store at ``url`` and trace ``times`` lots each way. Raises ``ValueError`` where it cannot measure."""
    store = Store(url)
    try:
        record = CustodyRecord(store)
        began = time.process_time()
        batch: list[Custody] = []
        milk: list[str] = []
        filled = 0
        for event in chain(events, seed):
            batch.append(event)
            if event.epcis["type"] == "ObjectEvent" and "quantityList" in event.epcis:
                milk.append(event.epcis["quantityList"][0]["epcClass"])
            if len(batch) == BATCH:
                record.take(batch)
                filled += len(batch)
                batch = []
                if filled % 100_000 == 0:
                    say(f"{filled:,} of {events:,} events")
        record.take(batch)
        filled += len(batch)
        fill_cpu_s = time.process_time() - began
        if not milk:
            raise ValueError(f"--events: expected enough for one lot, got {events}")
        told = _trace(store, random.Random(seed), milk, times)
    finally:
        store.close()
    return {"events": filled, "fill_cpu_s": round(fill_cpu_s, 1), "promised_s": PROMISED_S} | told


def _trace(store: Store, draw: random.Random, milk: list[str], times: int) -> dict[str, Any]:
    ways: dict[str, list[tuple[float, float, int]]] = {"forward": [], "backward": []}
    cultures = [f"urn:epc:class:lgtin:69.culture.{number}" for number in range(max(1, len(milk) * 4 // LOT_LASTS))]
    for number in range(times):
        lot = draw.choice(cultures if number % 2 else milk)
        with store.read() as connection:
            links = StoredLinks(connection)
            found = _timed(ways["forward"], partial(_affected, links, lot))
            last = max(found, key=lambda each: (found[each], each))
            _timed(ways["backward"], partial(backward, links, last))
    return {
        way: {
            "worst_s": round(max(each[0] for each in timed), 4),
            "worst_cpu_s": round(max(each[1] for each in timed), 4),
            "median_s": round(sorted(each[0] for each in timed)[len(timed) // 2], 4),
            "largest": max(each[2] for each in timed),
        }
        for way, timed in ways.items()
    }


def _affected(links: StoredLinks, lot: str) -> dict[str, int]:
    return forward(links, [Seed(lot)]).since


def _timed(into: list[tuple[float, float, int]], work: Callable[[], dict[str, int]]) -> dict[str, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    into.append((time.perf_counter() - wall, time.process_time() - cpu, len(found)))
    return found


def _packed(parent: str, children: list[str], lots: list[str], action: str) -> dict[str, Any]:
    return {
        "type": "AggregationEvent",
        "action": action,
        "parentID": parent,
        "childEPCs": children,
        "childQuantityList": [{"epcClass": each} for each in lots],
    }
