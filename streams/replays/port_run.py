"""The port night through the whole system: a real Kafka, gateway, worker, server with its store, and a stand-in bureau.

It is the demonstration with this scenario alone, under the rules of the day asked for.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from alerts.store import Store
from streams.demo import Demonstration, Listener
from streams.one_machine import Machine
from streams.packs import load_packs
from streams.replays.port_story import read_story
from streams.replays.rules_as_of import rules_as_of
from streams.settings import Settings
from streams.sources.simulator.city import load_city
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script import Play, PlayLeg, Script, load_script
from topics.errors import ConfigurationError

SCENARIO = "port-2015"

#: City seconds per wall second where the machine sets the pace: the clock waits for what has not been sent yet.
MOST_SPEED = 6_000.0
#: In the night devices speak every ten seconds, and the story is told by the minute.
NIGHT_SPEED = 400.0


class PortNight(Demonstration):
    """One replay, in that part of the model city that the night concerns. ``speed`` is city seconds per wall second all
    through, ``None`` = as fast as the machine can.
    """

    def __init__(
        self, settings: Settings, listener: Listener, day: dt.date, speed: float | None, primed_days: int
    ) -> None:
        script, whole = paced(load_script(SCENARIO), speed), load_city()
        dense = {site for window in script.play.dense for site in window.sites} if script.play else set()
        city = msgspec.structs.replace(whole, sites=tuple(each for each in whole.sites if each.id in dense))
        packs = [rules_as_of(each, day) for each in load_packs(settings.domains)]
        super().__init__(settings, listener, primed_days, script, packs, city)
        self.day = day

    def _report(self, machine: Machine, sent: SentReport, bureau: dict[str, Any]) -> dict[str, Any]:
        report = super()._report(machine, sent, bureau)
        store = Store(self.settings.store)
        try:
            story = read_story(self.script, store, self.day)
        finally:
            store.close()
        return story.figures() | {"system": _of_the_system(report)}


def paced(script: Script, speed: float | None) -> Script:
    """The scenario at one speed all through, or as fast as it goes."""
    play = script.play
    if play is None:
        raise ConfigurationError(f"scenario {script.name}: expected a [play] table, got none")
    if speed is None:
        night = {window.end for window in play.dense}
        legs = tuple(PlayLeg(NIGHT_SPEED if leg.until in night else MOST_SPEED, leg.until) for leg in play.legs)
    else:
        legs = (PlayLeg(speed, play.legs[-1].until),)
    return msgspec.structs.replace(script, play=Play(play.start, legs, play.dense))


def _of_the_system(report: Mapping[str, Any]) -> dict[str, Any]:
    kept = (
        "events_in",
        "findings",
        "alerts",
        "due",
        "delivered",
        "signed_for",
        "lost",
        "duplicated",
        "losses",
        "doubles",
        "latency_ms",
    )
    return {name: report[name] for name in kept}


def kept(figures: Mapping[str, Any]) -> bool:
    """Whether the story was told as it must be, and the system lost, doubled and left nothing unsigned."""
    system = figures.get("system")
    sound = system is None or (system["lost"] == system["duplicated"] == 0 and system["due"] == system["signed_for"])
    return bool(sound and not figures["missed"])
