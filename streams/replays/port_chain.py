"""The port night through the chain in this process: judges and kernel, intake, life cycle, release, without a broker.

The same scenario, pure parts and store as in a deployment; what is left out is the wire. The detectors that learn are
left out too: nothing has taught them here.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from alerts.city import City as Desk
from alerts.intake import Arrived, Intake
from alerts.store import Store
from detectors.base import Columns
from detectors.kernel import Kernel
from records.registry import registry_of
from streams.judges.yard import YardJudge
from streams.replays.port_story import Story, read_story
from streams.replays.rules_as_of import rules_as_of
from streams.sources.simulator.city import City, load_city
from streams.sources.simulator.day import Day
from streams.sources.simulator.script import Script, load_script
from streams.sources.simulator.script_lines import Stock, ms
from streams.specs import SpecBook
from topics.domain import Domain
from topics.finding import Finding
from topics.reading import Control

SCENARIO = "port-2015"

#: The sites that the story is about; the rest of the model city has no part in it.
SITES = ("yard-ruihai", "air-06", "air-07")
DOMAINS = ("cargo", "pollution")
#: The detectors that need to learn nothing first.
RULES = ("limit", "missing")

#: Readings are judged from here on; events from the first. Local time.
SENSORS_FROM = dt.datetime(2015, 8, 12, 19, 30)
CALM_UNTIL = dt.datetime(2015, 8, 12, 22, 48)
#: City seconds from tick to tick, before and in the night.
CALM_S, NIGHT_S = 120, 20

SENDER = "citybrain.replay"


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the chain: how much went in, and the story as the store tells it."""

    events: int
    readings: int
    findings: int
    story: Story


def scaled(script: Script, factor: float) -> Script:
    """The scenario with so many times the masses."""
    lines = tuple(
        msgspec.structs.replace(line, mass_t=line.mass_t * factor) if isinstance(line, Stock) else line
        for line in script.lines
    )
    return msgspec.structs.replace(script, lines=lines)


def play_chain(
    packs: Sequence[Domain],
    store: Store,
    day: dt.date,
    script: Script | None = None,
    steps_s: tuple[int, int] = (CALM_S, NIGHT_S),
) -> Played:
    """Play the scenario under the rules of ``day`` into an empty store. Deterministic.

    ``steps_s``: city seconds from tick to tick, before and in the night.
    """
    script = script or load_script(SCENARIO)
    whole = load_city()
    city = msgspec.structs.replace(whole, sites=tuple(each for each in whole.sites if each.id in SITES))
    domains = {each.name: rules_as_of(each, day) for each in packs if each.name in DOMAINS}
    play = Day(city, script)
    desk = Desk(domains.values(), registry_of(city.registry_records()), simulated=True)
    intake = Intake(store, desk, SENDER, lambda: 1)
    findings = _yard(domains["cargo"], play)
    readings = 0
    for domain in domains.values():
        said, count = _sensors(domain, city, play, steps_s)
        findings += said
        readings += count
    findings.sort(key=lambda each: (each.time, each.id, each.seq))
    for each in findings:
        desk.tick(each.time)
        intake.take([Arrived(each)])
    return Played(len(play.events), readings, len(findings), read_story(script, store, day))


def _yard(domain: Domain, play: Day) -> list[Finding]:
    judge, said = YardJudge(domain, 0), []
    for offset, event in enumerate(play.events):
        said += judge.apply(event, offset, 0).findings
    return said


def _sensors(domain: Domain, city: City, play: Day, steps_s: tuple[int, int]) -> tuple[list[Finding], int]:
    """The findings of one domain's readings, and how many there were."""
    rules = {name: settings for name, settings in domain.detectors.items() if name in RULES}
    domain = msgspec.structs.replace(domain, detectors=rules)
    kernel, book = Kernel(domain, domain.topic, 0), SpecBook(registry_of(city.registry_records()), domain)
    slots: dict[str, int] = {}
    said: list[Finding] = []
    offset = 0
    for start, end in _ticks(play, steps_s):
        messages = [each for each in play.span(start, end).messages if each.series[0].domain == domain.name]
        rows = [
            (each.time, series.id, value)
            for each in messages
            for series, value in zip(each.series, each.values, strict=True)
        ]
        for _, series, _ in rows:
            if series not in slots:
                spec, rest = book.look_up(series, start)
                if isinstance(spec, str):
                    raise ValueError(f"{series}: {spec}: {rest}")
                slots[series] = kernel.bind(spec)
        if rows:
            said += kernel.apply(_columns(rows, slots, offset)).findings
            offset += len(rows)
        said += kernel.control(Control("~tick", end), offset, 0, None).findings
        offset += 1
    return said, offset


def _columns(rows: list[tuple[int, str, float]], slots: dict[str, int], offset: int) -> Columns:
    m = len(rows)
    return Columns(
        slot=np.array([slots[series] for _, series, _ in rows], np.intp),
        time_ms=np.array([time for time, _, _ in rows], np.int64),
        value=np.array([value for _, _, value in rows], np.float64),
        usable=np.ones(m, np.bool_),
        backfill=np.zeros(m, np.bool_),
        offset=np.arange(offset, offset + m),
        stamp=np.zeros(m, np.int64),
    )


def _ticks(play: Day, steps_s: tuple[int, int]) -> Iterator[tuple[int, int]]:
    at, calm = ms(SENSORS_FROM), ms(CALM_UNTIL)
    legs = play.script.play.legs if play.script.play is not None else ()
    end = ms(legs[-1].until)
    while at < end:
        upto = min(end, at + 1000 * (steps_s[0] if at < calm else steps_s[1]))
        yield at, upto
        at = upto
