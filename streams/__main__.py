"""The command `citybrain`: one explicit table of commands, each imported only when it is asked for."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from streams.settings import misspelt
from topics.errors import CityBrainError


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table: what it is called and what it is for. Its module in ``streams.commands`` has its name, and
    in it ``app`` where it has commands of its own, else ``command``.
    """

    name: str
    help: str

    def load(self) -> "typer.Typer | Callable[..., object]":
        """Import the module, and nothing else."""
        module = importlib.import_module(f"streams.commands.{self.name.replace('-', '_')}")
        found: typer.Typer | Callable[..., object] = getattr(module, "app", None) or module.command
        return found


COMMANDS = (
    Command("demo", "Play a city day through the whole system, and say what became of every event."),
    Command("up", "Run all parts on this machine, for real devices."),
    Command("worker", "Judge readings and events."),
    Command("size", "What a city of so many points needs: workers, cores, memory, disk."),
    Command("server", "Alarms, console, wall and warnings; the only writer of the store."),
    Command("gateway", "Take events in: HJ 212 over TCP, readings, cargo and EPCIS over HTTP."),
    Command("history", "Keep readings as Parquet for plots and re-judging."),
    Command("judge", "Judge hours and days formally, and again when data or marks come late."),
    Command("cold-chain", "Watch over the cold chain: how long goods were too warm; breaches open recalls."),
    Command("carriage", "Watch over carriers of goods: areas, declared route, stops, silence, permits."),
    Command("cargo-conditions", "Watch over boxes and tanks by their sensors: limits of the cargo, rise, gas, loss."),
    Command("cargo", "Where a container or carrier is and was; bring in positions and permits."),
    Command("sequences", "Watch over sequences of events: their order, and what did not come in time."),
    Command("hazard", "Watch over units of major hazard sources: grade, votes, rate of rise, bypass."),
    Command("safety", "Safety production: statistics of a period, firms by risk."),
    Command("coding", "First-station coding: share of well-formed records by firm, faults of codes."),
    Command("kitchens", "Kitchens under cameras: scores, next visits, the list of a week."),
    Command("epcis", "Check EPCIS 2.0 documents: our structural rules, and the official schema a user provides."),
    Command("integrity", "Look for signs of manipulated data once a day of city time."),
    Command("fitter", "Fit models anew from the history at points of event time, and put them in force."),
    Command("fit", "Fit a domain's models once and say what changes; --publish puts them in force."),
    Command("backtest", "Run the live kernel over past readings; precision, recall, lead time, report."),
    Command("tune", "Search a pack's settings against labels or verdicts; writes a fragment for a person."),
    Command("readings", "The very readings that a finding gives as its origin."),
    Command("card", "The responder's card: what stands near a point, now or at any past moment."),
    Command("city-time", "Put the city's time into every partition."),
    Command("bureau", "A stand-in for the emergency bureau's gateway: receives, checks and signs for CAP."),
    Command("topics", "List, declare or check the topics."),
    Command("packs", "Domain packs: put them in force."),
    Command("store", "The alarm store: bring its schema up to date."),
    Command("registry", "Import and show sites and devices."),
    Command("series", "Say that what a series shows is its new normal, by whom and why."),
    Command("unregistered", "Readings of unknown sites and devices: list, replay."),
    Command("dead-letters", "What could not be judged and why: list, show, replay."),
    Command("deliveries", "What reached whom over which channel: list, show, replay."),
    Command("ledger", "The tamper-evident log: verify it, show its head."),
    Command("declarations", "Bring declarations of dangerous goods to the alert server, list them."),
    Command("goods", "The list of dangerous goods; bring in one's own."),
    Command("evidence", "Fetch a finding's evidence pack as one file, or verify one."),
    Command("shadow", "Other settings or models beside the live ones: try, compare, promote, take back."),
    Command("verdicts", "What people said of alarms, by detector and sensor class."),
    Command("decode", "Decode a device's frames, one JSON object a line."),
    Command("replay", "Play a scenario and hold its outcome against an independent reckoning."),
    Command("bench", "Measure this machine."),
    Command("grafana", "Render or publish the Grafana walls."),
    Command("accounts", "Who may do what: list, add, disable, one-time links, tokens."),
    Command("doctor", "Say what this machine has and lacks."),
)


class Table(TyperGroup):
    """A group that imports a command only when it is asked for, so that `--help` answers at once."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for command in COMMANDS:
            if command.name == cmd_name:
                return _as_click(command)
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.help) for command in COMMANDS])


def _as_click(command: Command) -> Any:
    loaded = command.load()
    if not isinstance(loaded, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(help=command.help)(loaded)
        loaded = single
    made = get_command(loaded)
    made.name = command.name
    made.help = made.help or command.help
    return made


app = typer.Typer(cls=Table, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.callback()
def citybrain() -> None:
    """A city's events, judged as they come."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command. Exit status: 0 done, 1 the thing asked about is bad, 2 wrong use or a missing part."""
    for sentence in misspelt():
        print(f"citybrain: {sentence}", file=sys.stderr)
    try:
        app(args=arguments, prog_name="citybrain")
    except CityBrainError as error:
        print(f"citybrain: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
