"""How long the interface takes over a store of many closed alarms: lists, pages deep in them, stories, groups.

Each question goes through the whole interface (gate, query, view, JSON), one at a time, with values drawn anew.
"""

import asyncio
import base64
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import sqlalchemy as sa

from alerts import schema
from alerts.api import Server, create_app
from alerts.city import City
from alerts.desk import Desk
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.store import Store
from alerts.wall import Wall
from records.history import ListHistory
from streams.store_filling import DOMAINS, FIRST_MS, QUANTITIES, SITES, SPAN_MS, fill
from topics.domain_file import load_domains

#: What the 95th percentile of every question is held against, in milliseconds.
PROMISED_MS = 200.0
DAY_MS = 24 * 3600 * 1000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many alarms, how often each question is asked, and the seed of all that is drawn."""

    alarms: int = 1_000_000
    times: int = 100
    seed: int = 1


def bench_store(url: str, plan: Plan, say: Say) -> dict[str, Any]:
    """Fill the empty store at ``url`` and measure it. Raises ``ValueError`` for a store that is not empty."""
    store = Store(url)
    try:
        with store.read() as connection:
            if connection.execute(sa.select(sa.exists().select_from(schema.alarm))).scalar():
                raise ValueError(f"--store: expected an empty store, got one with alarms at {url}")
        began = time.perf_counter()
        fill(store, plan.alarms, plan.seed, lambda done: say(f"{done:,} of {plan.alarms:,} alarms"))
        filled_s = time.perf_counter() - began
        asked = asyncio.run(_ask_all(store, plan, say))
    finally:
        store.close()
    worst = max(each["p95"] for each in asked.values())
    return {
        "alarms": plan.alarms,
        "database": "sqlite" if store.sqlite else "postgresql",
        "filled_s": round(filled_s, 1),
        "questions_ms": asked,
        "worst_p95_ms": worst,
        "promised_p95_ms": PROMISED_MS,
        "kept": worst <= PROMISED_MS,
    }


async def _ask_all(store: Store, plan: Plan, say: Say) -> dict[str, dict[str, float]]:
    app = create_app(_server(store))
    chance = random.Random(plan.seed)
    names = _names(store, chance, plan.times)
    found = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        for title, path in _questions(chance, names).items():
            took = []
            for _ in range(plan.times):
                asked = path()
                began = time.perf_counter()
                answer = await client.get(asked)
                took.append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
            found[title] = _percentiles(took)
            say(f"{title}: p95 {found[title]['p95']:.1f} ms")
    return found


def _questions(chance: random.Random, names: list[str]) -> dict[str, Callable[[], str]]:
    """What is asked, by title; each call draws its values anew."""

    def moment() -> int:
        return FIRST_MS + chance.randrange(SPAN_MS)

    def deep() -> str:
        return base64.urlsafe_b64encode(f"{moment()}:0".encode()).decode()

    def days() -> str:
        begin = moment()
        return f"from={begin}&to={begin + 30 * DAY_MS}"

    severities = ("blue", "yellow", "orange", "red")
    listed = "/api/alarms?limit=100&state="
    return {
        "open": lambda: f"{listed}open",
        "open of a domain": lambda: f"{listed}open&domain={chance.choice(DOMAINS)}",
        "open of a severity": lambda: f"{listed}open&severity={chance.choice(severities)}",
        "open of a site": lambda: f"{listed}open&site=site-{chance.randrange(SITES)}",
        "closed": lambda: f"{listed}closed",
        "closed, deep": lambda: f"{listed}closed&cursor={deep()}",
        "closed of a domain, deep": lambda: f"{listed}closed&domain={chance.choice(DOMAINS)}&cursor={deep()}",
        "closed of a severity, deep": lambda: f"{listed}closed&severity={chance.choice(severities)}&cursor={deep()}",
        "closed of a site, 30 days": lambda: f"{listed}closed&site=site-{chance.randrange(SITES)}&{days()}",
        "red of a domain, 30 days": lambda: f"{listed}all&severity=red&domain={chance.choice(DOMAINS)}&{days()}",
        "a quantity of a site": lambda: (
            f"{listed}all&site=site-{chance.randrange(SITES)}&quantity=q{chance.randrange(QUANTITIES)}"
        ),
        "judged false": lambda: f"{listed}closed&verdict=threshold-wrong&cursor={deep()}",
        "judged by nobody": lambda: f"{listed}closed&verdict=none&cursor={deep()}",
        "no such site": lambda: f"{listed}all&site=nowhere",
        "no such severity": lambda: f"{listed}all&severity=purple&domain={chance.choice(DOMAINS)}",
        "story": lambda: f"/api/alarms/{chance.choice(names)}",
        "groups": lambda: "/api/groups?state=all",
    }


def _server(store: Store) -> Server:
    city = City(load_domains())
    clock = lambda: time.time_ns() // 1_000_000  # noqa: E731
    desk = Desk(store, city, "citybrain.bench", clock)
    wall = Wall(store, city, Latency(), clock)
    return Server(
        store=store, city=city, desk=desk, wall=wall, feed=Feed(), ledger=Ledger(store), wake_outbox=lambda: None,
        history=ListHistory([]), metrics=lambda: b"",
    )  # fmt: skip


def _names(store: Store, chance: random.Random, count: int) -> list[str]:
    """Alarms from everywhere in the store: the first after so many drawn moments."""
    table = schema.alarm.c
    with store.read() as connection:
        return [
            connection.execute(
                sa.select(table.id)
                .where(table.opened >= FIRST_MS + chance.randrange(SPAN_MS * 9 // 10))
                .order_by(table.opened)
                .limit(1)
            ).scalar_one()
            for _ in range(count)
        ]


def _percentiles(took: list[float]) -> dict[str, float]:
    ranked = sorted(took)
    at = {f"p{percent}": ranked[min(len(ranked) - 1, len(ranked) * percent // 100)] for percent in (50, 95)}
    return {name: round(value, 1) for name, value in (at | {"max": ranked[-1]}).items()}
