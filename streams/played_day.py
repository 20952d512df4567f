"""A city day played through the real doors of a running machine: what devices send, what people do, and city time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from streams.citytime import CityClock, Leg, TickWriter
from streams.drain import DRAIN_S
from streams.one_machine import Machine
from streams.sources.simulator.day import Day
from streams.sources.simulator.desk import Desk
from streams.sources.simulator.desk_acts import DeskDay
from streams.sources.simulator.edges import Edges
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script_lines import ms
from streams.sources.simulator.simulator import Simulator
from topics.domain import Domain
from topics.errors import CityBrainError
from topics.families import CARRIAGE
from topics.positions import TOPIC as POSITIONS


async def play_day(
    machine: Machine, day: Day, acts: DeskDay | None, progress: Callable[[int, int, int], None]
) -> SentReport:
    """Send ``day`` through the doors of ``machine``, at the pace of its script, while ticks go into every partition.

    ``acts``: what people do meanwhile at the server. ``progress`` is told the day's start, how far it has come and its
    end (ms UTC of city time). Raises what ended the ticks, a door or a part: without them the day cannot go on.
    """
    settings, kafka, play = machine.settings, machine.kafka, day.script.play
    assert play is not None, "a script without a [play] table is no day"
    start_ms = ms(play.start)
    legs = [Leg(leg.speed, ms(leg.until)) for leg in play.legs]
    clock = CityClock(start_ms, time.time() * 1000, legs)
    pacer = Pacer(clock, lambda: time.time() * 1000)
    topics = [topic for domain in machine.domains for topic in _ticked(domain)]
    ticks = TickWriter(kafka, clock, topics, pacer.now_ms)
    intake, terminals = f"http://127.0.0.1:{settings.intake_port}", ("127.0.0.1", settings.jt808_port)
    edges = Edges(("127.0.0.1", settings.hj212_port), intake, kafka, terminals)
    end = clock.end_ms or start_ms
    async with edges:
        desk = Desk(acts, f"http://127.0.0.1:{settings.server_port}", edges.intake, pacer) if acts else None
        simulator = Simulator(
            day,
            edges,
            pacer,
            lambda: ticks.schedule.last_ms,
            lambda city_ms: progress(start_ms, city_ms, end),
        )
        await ticks.start()
        ticking = asyncio.create_task(_tick(ticks))
        watching = asyncio.create_task(_watch(machine))
        playing = asyncio.create_task(_all(simulator, desk))
        try:
            ended, _ = await asyncio.wait({ticking, watching, playing}, return_when=asyncio.FIRST_COMPLETED)
            for task in ended - {playing}:
                await task  # raises what ended it: without ticks or parts the day cannot go on
            report = await playing
            await asyncio.wait_for(ticking, DRAIN_S)
            return report
        finally:
            for task in (ticking, watching, playing):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await ticks.stop()


def _ticked(domain: Domain) -> list[str]:
    topics = [domain.topic, domain.events_topic] if domain.events else [domain.topic]
    return topics + ([POSITIONS] if CARRIAGE in domain.facts else [])


async def _tick(ticks: TickWriter) -> None:
    while (await ticks.step()) != float("inf"):
        pass


async def _all(simulator: Simulator, desk: Desk | None) -> SentReport:
    """The devices' day and the people's, side by side."""
    await simulator.weeks_before()
    try:
        async with asyncio.TaskGroup() as group:
            if desk is not None:
                group.create_task(desk.play(simulator.report))
            playing = group.create_task(simulator.play())
    except* CityBrainError as errors:
        raise errors.exceptions[0] from None  # one sentence for whoever sits at the terminal
    return playing.result()


async def _watch(machine: Machine) -> None:
    """Raise as soon as a part has ended."""
    while True:
        machine.supervisor.check()
        await asyncio.sleep(0.5)
