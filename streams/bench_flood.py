"""`citybrain bench flood`: thousands of findings in a minute, and how long the worst of them and the others take.

Findings are sent by the clock, not by the answers, and each is measured from the moment it was meant to be sent,
so that a server that stalls cannot hide it. A listener of the stream and the stand-in bureau say when an alarm
reached them; the store and the register are counted afterwards.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from lxml import etree

from streams.bench_server import Bench, bench_server, finding, histogram, now_ms, percentiles
from streams.clients import sure_producer
from topics.codec import encode
from topics.errors import CityBrainError

#: Of a hundred findings: what a mix of priorities after EEMUA 191 has, the worst level a little more often.
MIX = ("red",) * 2 + ("orange",) * 5 + ("yellow",) * 13 + ("blue",) * 80
RED = "red"
#: The sender puts findings on the topic so often.
TICK_S = 0.02


class NotMeasured(CityBrainError):
    """The flood could not be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``findings`` in ``seconds``; ``settle_s`` is how long the rest may take to be told afterwards."""

    findings: int = 10_000
    seconds: float = 60.0
    settle_s: float = 180.0

    def severity(self, number: int) -> str:
        """Spread evenly: 37 and 100 have no common divisor."""
        return MIX[number * 37 % len(MIX)]


@dataclass(slots=True)
class Heard:
    """What a listener of the stream heard: alarms by id, when first; and what it was only given the count of."""

    alarms: dict[str, int] = field(default_factory=dict)
    floods: int = 0
    counted: int = 0
    resets: int = 0


def bench_flood(plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure, and return the figures. Raises ``NotMeasured``, or ``PartMissing`` where there is no broker."""
    with bench_server() as bench:
        say(f"sending {plan.findings:,} findings in {plan.seconds:g} s")
        before = bench.cpu_s()
        heard, sent, report, took_s = asyncio.run(_flood(plan, bench, say))
        cpu_s = bench.cpu_s() - before
        bench.supervisor.stop("server")
        return figures(plan, bench, heard, sent, report) | {
            "settled_after_s": round(took_s, 1), "server_cpu_s": round(cpu_s, 1),
        }  # fmt: skip


async def _flood(
    plan: Plan, bench: Bench, say: Callable[[str], None]
) -> tuple[Heard, dict[str, int], dict[str, Any], float]:
    heard = Heard()
    async with httpx.AsyncClient(base_url=bench.base, timeout=60) as client:
        listening = asyncio.create_task(_listen(client, heard))
        await asyncio.sleep(1.0)
        loop = asyncio.get_running_loop()
        began = loop.time()
        sent = await _send(plan, bench)
        say("sent; waiting until all of it is stored and told")
        report: dict[str, Any] = {}
        while loop.time() < began + plan.seconds + plan.settle_s:
            report = (await client.get("/api/report")).json()
            if report["findings"] == plan.findings and report["due"] == report["signed_for"] + report["dead"]:
                break
            await asyncio.sleep(0.5)
        took_s = loop.time() - began - plan.seconds
        if listening.done():
            raise NotMeasured(f"the stream ended before the flood did: {listening.exception()}")
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return heard, sent, report, took_s


async def _send(plan: Plan, bench: Bench) -> dict[str, int]:
    """Put the findings on the topic by the clock; when each was meant to be sent, by the key of its alarm."""
    producer = sure_producer(bench.kafka)
    await producer.start()
    sent: dict[str, int] = {}
    start, number = now_ms(), 0
    try:
        while number < plan.findings:
            until = min(plan.findings, int((now_ms() - start) * plan.findings / (plan.seconds * 1000)) + 1)
            for each in range(number, until):
                at = start + round(each * plan.seconds * 1000 / plan.findings)
                made = finding(each, plan.severity(each), at)
                sent[made.alarm_key] = at
                await producer.send("findings", encode(made), key=made.alarm_key.encode())
            number = until
            await asyncio.sleep(TICK_S)
        await producer.flush()
    finally:
        await producer.stop()
    return sent


async def _listen(client: httpx.AsyncClient, heard: Heard) -> None:
    async with client.stream("GET", "/api/stream", timeout=None) as response:
        name = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: ") and name == "alarm":
                heard.alarms.setdefault(msgspec.json.decode(line[6:])["id"], now_ms())
            elif line.startswith("data: ") and name == "flood":
                heard.floods += 1
                heard.counted += msgspec.json.decode(line[6:])["changed"]
            heard.resets += line == "event: reset"


def figures(plan: Plan, bench: Bench, heard: Heard, sent: dict[str, int], report: dict[str, Any]) -> dict[str, Any]:
    """What the store, the listener and the bureau say of the same alarms."""
    with sqlite3.connect(bench.store) as store:
        rows = store.execute("SELECT id, key, latched_severity, stored FROM alarm").fetchall()
    store.close()
    at_bureau = _first_told(bench)
    measured = {
        lane: {name: histogram() for name in ("to_store_ms", "to_listener_ms", "to_bureau_ms")}
        for lane in ("red", "others")
    }
    for alarm, key, severity, stored in rows:
        of = measured["red" if severity == RED else "others"]
        for name, when in (
            ("to_store_ms", stored),
            ("to_listener_ms", heard.alarms.get(alarm)),
            ("to_bureau_ms", at_bureau.get(alarm)),
        ):
            if when is not None:
                of[name].record_value(min(600_000, max(1, when - sent[key])))
    return {
        "findings": plan.findings,
        "seconds": plan.seconds,
        **{
            lane: {"alarms": of["to_store_ms"].get_total_count()}
            | {name: percentiles(each) | {"count": each.get_total_count()} for name, each in of.items()}
            for lane, of in measured.items()
        },
        "lost": plan.findings - len({key for _, key, _, _ in rows} & sent.keys()),
        "untold": sum(alarm not in at_bureau for alarm, *_ in rows),
        "duplicated": max(Counter(key for _, key, *_ in rows).values(), default=1) - 1,
        "due": report["due"],
        "signed_for": report["signed_for"],
        "bureau_messages": bench.register.report()["unique"],
        "flood_events": heard.floods,
        "told_by_count": heard.counted,
        "resets": heard.resets,
    }


def _first_told(bench: Bench) -> dict[str, int]:
    """When the bureau first heard of each alarm: a message names the alarms it is about as CAP's incidents."""
    found: dict[str, int] = {}
    for when, body in bench.register.came:
        incidents = etree.fromstring(body).findtext("{*}incidents") or ""
        for alarm in incidents.split():
            found.setdefault(alarm, when)
    return found
