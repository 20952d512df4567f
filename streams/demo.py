"""The demonstration: the whole system on one machine, primed, played a city day, drained and audited."""

import asyncio
import json
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import msgspec

from records.carriage.rows import permit_rows
from streams.audit import recompute, told
from streams.day_report import day_report, stored
from streams.drain import drained
from streams.keepers import KEEPERS
from streams.one_machine import Machine, one_machine
from streams.permit_feed import publish_permits
from streams.played_day import play_day
from streams.priming import Primed, prime_all, put_in_force
from streams.registry_feed import publish_records
from streams.settings import Settings
from streams.sources.simulator.city import FOLDER, City, load_city
from streams.sources.simulator.day import Day
from streams.sources.simulator.desk_acts import DeskDay
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script import Script, joined, load_script
from streams.sources.simulator.script_lines import Seen, ms
from topics.domain import Domain
from topics.errors import CityBrainError, PartMissing
from topics.positions import Permit

#: Consumer group of the demonstration's worker; its readings and events paths add their own ending.
GROUP = "citybrain"
PRIMED_DAYS = 7
#: What is played, side by side.
SCRIPTS = ("port-2015", "city-day", "road-day", "kitchen-day")
#: Where vehicle terminals are listened for unless the settings say a port of their own.
JT808_PORT = 8404


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears how the demonstration goes: one line of what is being done, and how far the day has come."""

    say: Callable[[str], None]
    day: Callable[[int, int, int], None]


class Demonstration:
    """One run of ``script`` (default: the city day with the port night) with ``packs`` (default: the settings') in
    ``city`` (default: the whole model city).

    ``settings.data_dir`` is emptied first if an earlier demonstration left it. ``acts``: what people do meanwhile.
    """

    def __init__(
        self,
        settings: Settings,
        listener: Listener,
        primed_days: int = PRIMED_DAYS,
        script: Script | None = None,
        packs: Sequence[Domain] | None = None,
        city: City | None = None,
        acts: DeskDay | None = None,
    ) -> None:
        self.primed_days = primed_days
        self.packs = packs
        # The demonstration's warnings go to the stand-in it starts, never to a real bureau that is configured here.
        self.settings = replace(
            settings,
            bureau_url=settings.stand_in_url,
            # A day in minutes: its devices live in 2015 and send an hour's frames in seconds.
            hj212_frames_per_s=0.0,
            hj212_clock_tolerance_s=0.0,
            hj212_ask_back_days=0,
            jt808_port=settings.jt808_port or JT808_PORT,
            jt808_frames_per_s=0.0,
        )
        self.listener = listener
        self.city: City = city or load_city()
        self.script = script or joined("demo", *(load_script(name) for name in SCRIPTS))
        if self.script.play is None:
            raise CityBrainError(f"scenario {self.script.name}: expected a [play] table, got none")
        self.start_ms = ms(self.script.play.start)
        self.acts = acts
        self.primed: dict[str, Primed] = {}

    def run(self, stay: Callable[[Machine, dict[str, Any]], None] | None) -> dict[str, Any]:
        """Play the day and give the report; ``stay`` is called with it while everything still runs.

        With ``stay`` the audit is made while the parts go on; without, after they have ended.
        """
        self._fresh_folder()
        self._ports_free()
        say = self.listener.say
        machine_of = one_machine(
            self.settings, own_broker=True, say=say, effective_ms=self.start_ms, domains=self.packs
        )
        with machine_of as machine:
            say("registering the model city's sites and devices")
            asyncio.run(publish_records(machine.kafka, self.city.registry_records()))
            asyncio.run(publish_permits(machine.kafka, _permits()))
            say(f"priming the models with {self.primed_days} generated days")
            primed = prime_all(self._watched(machine), self.city, self.start_ms, self.primed_days, say)
            self.primed = {each.domain: each for each in primed}
            asyncio.run(put_in_force(machine.kafka, f"{GROUP}-readings", machine.domains, primed, self.start_ms))
            beside = ("integrity", *KEEPERS)
            say(f"starting bureau, server, gateway, history, worker and what judges beside it ({', '.join(beside)})")
            bureau_report = self.settings.data / "bureau.json"
            machine.supervisor.start(
                machine.part("bureau", "bureau", "--report", str(bureau_report)),
                machine.part("server", "server", "--simulated", "--open"),
                machine.part("gateway"),
                machine.part("history"),
                machine.part("worker"),
                *(machine.part(name) for name in beside),
            )
            sent = asyncio.run(play_day(machine, Day(self.city, self.script), self.acts, self.listener.day))
            say("waiting until everything is judged, stored and signed for")
            asyncio.run(drained(machine, GROUP, say))
            if stay is not None:
                report = self._report(machine, sent, _bureau_now(self.settings.bureau_port))
                stay(machine, report)
                return report
            say("judging the whole day again, serially, to see whether anything was lost or doubled")
            machine.supervisor.stop()
            return self._report(machine, sent, json.loads(bureau_report.read_text(encoding="utf-8")))

    def _watched(self, machine: Machine) -> list[Domain]:
        """The domains that have a site in this city: of the others nothing is sent."""
        here = {site.domain for site in self.city.sites}
        return [each for each in machine.domains if each.name in here]

    def _fresh_folder(self) -> None:
        folder, mark = self.settings.data, self.settings.data / ".demonstration"
        if folder.exists() and any(folder.iterdir()) and not mark.exists():
            raise PartMissing(f"demo: expected {folder} to be empty or an earlier demonstration's, got other files")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark.write_text("made by `citybrain demo`; it may be deleted\n")

    def _ports_free(self) -> None:
        for name in ("server_port", "intake_port", "hj212_port", "jt808_port", "bureau_port"):
            port = getattr(self.settings, name)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    variable = f"CITYBRAIN_{name.upper()}"
                    raise PartMissing(
                        f"demo: expected port {port} to be free, but something listens there; end it or set {variable}"
                    ) from None

    def _report(self, machine: Machine, sent: SentReport, bureau: dict[str, Any]) -> dict[str, Any]:
        async def read() -> tuple[Any, Any]:
            records = self.city.registry_records()
            return await recompute(machine.kafka, self._watched(machine), records, self.primed), await told(
                machine.kafka
            )

        found, said = asyncio.run(read())
        events = [line for line in self.script.lines if isinstance(line, Seen) and line.event]
        meant = [each for line in self.script.lines for each in line.expect]
        meant += [each for act in (self.acts.acts if self.acts else ()) for each in act.expect]
        return day_report(sent, found, said, stored(self.settings.store), bureau, "faust", events, meant)


def _permits() -> list[Permit]:
    """Those of the played day, read as ``citybrain cargo permits`` reads a file."""
    lines = permit_rows((FOLDER / "permits.csv").read_text(encoding="utf-8"))
    return [msgspec.convert(line.row, Permit) for line in lines]


def _bureau_now(port: int) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"http://127.0.0.1:{port}/received", trust_env=False).json()
    return found


def write_report(report: dict[str, Any], path: Path) -> None:
    """The report as a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
