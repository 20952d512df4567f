"""The command `citybrain`: one explicit table of commands, each imported only when it is asked for."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import typer
from typer.core import TyperGroup
from typer.main import get_command

from topics.errors import CityBrainError

Loader: TypeAlias = Callable[[], "typer.Typer | Callable[..., object]"]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table: what it is called, what it is for, and where it is."""

    name: str
    help: str
    load: Loader


def _demo() -> Callable[..., object]:
    from streams.commands import demo

    return demo.command


def _up() -> Callable[..., object]:
    from streams.commands import up

    return up.command


def _worker() -> Callable[..., object]:
    from streams.commands import worker

    return worker.command


def _size() -> Callable[..., object]:
    from streams.commands import size

    return size.size_command


def _server() -> Callable[..., object]:
    from streams.commands import server

    return server.command


def _gateway() -> Callable[..., object]:
    from streams.commands import gateway

    return gateway.command


def _history() -> Callable[..., object]:
    from streams.commands import history

    return history.command


def _fitter() -> Callable[..., object]:
    from streams.commands import fitter

    return fitter.command


def _fit() -> Callable[..., object]:
    from streams.commands import fit

    return fit.command


def _backtest() -> Callable[..., object]:
    from streams.commands import backtest

    return backtest.command


def _card() -> Callable[..., object]:
    from streams.commands import card

    return card.command


def _coding() -> typer.Typer:
    from streams.commands import coding

    return coding.app


def _kitchens() -> typer.Typer:
    from streams.commands import kitchens

    return kitchens.app


def _epcis() -> typer.Typer:
    from streams.commands import epcis

    return epcis.app


def _tune() -> Callable[..., object]:
    from streams.commands import tune

    return tune.command


def _readings() -> typer.Typer:
    from streams.commands import readings

    return readings.app


def _city_time() -> Callable[..., object]:
    from streams.commands import citytime

    return citytime.command


def _bureau() -> Callable[..., object]:
    from streams.commands import bureau

    return bureau.command


def _topics() -> typer.Typer:
    from streams.commands import topics

    return topics.app


def _packs() -> typer.Typer:
    from streams.commands import packs

    return packs.app


def _store() -> typer.Typer:
    from streams.commands import store

    return store.app


def _registry() -> typer.Typer:
    from streams.commands import registry

    return registry.app


def _series() -> typer.Typer:
    from streams.commands.series import app as series_commands

    return series_commands


def _unregistered() -> typer.Typer:
    from streams.commands import unregistered

    return unregistered.app


def _dead_letters() -> typer.Typer:
    from streams.commands import dead_letters

    return dead_letters.app


def _deliveries() -> typer.Typer:
    from streams.commands import deliveries

    return deliveries.app


def _ledger() -> typer.Typer:
    from streams.commands import ledger

    return ledger.app


def _replay() -> typer.Typer:
    from streams.commands import replay

    return replay.app


def _judge() -> Callable[..., object]:
    from streams.commands import judge

    return judge.command


def _cold_chain() -> Callable[..., object]:
    from streams.commands.cold_chain import command

    return command


def _carriage() -> Callable[..., object]:
    from streams.commands import carriage

    return carriage.command


def _cargo() -> typer.Typer:
    from streams.commands import cargo

    return cargo.app


def _sequences() -> Callable[..., object]:
    from streams.commands import sequences

    return sequences.command


def _hazard() -> Callable[..., object]:
    from streams.commands import hazard

    return hazard.command


def _safety() -> typer.Typer:
    from streams.commands import safety

    return safety.app


def _integrity() -> Callable[..., object]:
    from streams.commands import integrity

    return integrity.command


def _declarations() -> typer.Typer:
    from streams.commands import declarations

    return declarations.app


def _goods() -> typer.Typer:
    from streams.commands import goods

    return goods.app


def _evidence() -> Callable[..., object]:
    from streams.commands import evidence

    return evidence.command


def _decode() -> typer.Typer:
    from streams.commands import decode

    return decode.app


def _bench() -> typer.Typer:
    from streams.commands import bench

    return bench.app


def _grafana() -> typer.Typer:
    from streams.commands import grafana

    return grafana.app


def _accounts() -> typer.Typer:
    from streams.commands import accounts

    return accounts.app


def _shadow() -> typer.Typer:
    from streams.commands import shadow

    return shadow.app


def _verdicts() -> typer.Typer:
    from streams.commands import verdicts

    return verdicts.app


def _doctor() -> Callable[..., object]:
    from streams.commands import doctor

    return doctor.command


COMMANDS = (
    Command("demo", "Play a city day through the whole system, and say what became of every event.", _demo),
    Command("up", "Run all parts on this machine, for real devices.", _up),
    Command("worker", "Judge readings and events.", _worker),
    Command("size", "What a city of so many points needs: workers, cores, memory, disk.", _size),
    Command("server", "Alarms, console, wall and warnings; the only writer of the store.", _server),
    Command("gateway", "Take events in: HJ 212 over TCP, readings, cargo and EPCIS over HTTP.", _gateway),
    Command("history", "Keep readings as Parquet for plots and re-judging.", _history),
    Command("judge", "Judge hours and days formally, and again when data or marks come late.", _judge),
    Command(
        "cold-chain", "Watch over the cold chain: how long goods were too warm; breaches open recalls.", _cold_chain
    ),
    Command("carriage", "Watch over carriers of goods: areas, declared route, stops, silence, permits.", _carriage),
    Command("cargo", "Where a container or carrier is and was; bring in positions and permits.", _cargo),
    Command("sequences", "Watch over sequences of events: their order, and what did not come in time.", _sequences),
    Command("hazard", "Watch over units of major hazard sources: grade, votes, rate of rise, bypass.", _hazard),
    Command("safety", "Safety production: statistics of a period, firms by risk.", _safety),
    Command("coding", "First-station coding: share of well-formed records by firm, faults of codes.", _coding),
    Command("kitchens", "Kitchens under cameras: scores, next visits, the list of a week.", _kitchens),
    Command(
        "epcis", "Check EPCIS 2.0 documents: our structural rules, and the official schema a user provides.", _epcis
    ),
    Command("integrity", "Look for signs of manipulated data once a day of city time.", _integrity),
    Command("fitter", "Fit models anew from the history at points of event time, and put them in force.", _fitter),
    Command("fit", "Fit a domain's models once and say what changes; --publish puts them in force.", _fit),
    Command("backtest", "Run the live kernel over past readings; precision, recall, lead time, report.", _backtest),
    Command("tune", "Search a pack's settings against labels or verdicts; writes a fragment for a person.", _tune),
    Command("readings", "The very readings that a finding gives as its origin.", _readings),
    Command("card", "The responder's card: what stands near a point, now or at any past moment.", _card),
    Command("city-time", "Put the city's time into every partition.", _city_time),
    Command("bureau", "A stand-in for the emergency bureau's gateway: receives, checks and signs for CAP.", _bureau),
    Command("topics", "List, declare or check the topics.", _topics),
    Command("packs", "Domain packs: put them in force.", _packs),
    Command("store", "The alarm store: bring its schema up to date.", _store),
    Command("registry", "Import and show sites and devices.", _registry),
    Command("series", "Say that what a series shows is its new normal, by whom and why.", _series),
    Command("unregistered", "Readings of unknown sites and devices: list, replay.", _unregistered),
    Command("dead-letters", "What could not be judged and why: list, show, replay.", _dead_letters),
    Command("deliveries", "What reached whom over which channel: list, show, replay.", _deliveries),
    Command("ledger", "The tamper-evident log: verify it, show its head.", _ledger),
    Command("declarations", "Bring declarations of dangerous goods to the alert server, list them.", _declarations),
    Command("goods", "The list of dangerous goods; bring in one's own.", _goods),
    Command("evidence", "Fetch a finding's evidence pack as one file, or verify one.", _evidence),
    Command("shadow", "Other settings or models beside the live ones: try, compare, promote, take back.", _shadow),
    Command("verdicts", "What people said of alarms, by detector and sensor class.", _verdicts),
    Command("decode", "Decode a device's frames, one JSON object a line.", _decode),
    Command("replay", "Play a scenario and hold its outcome against an independent reckoning.", _replay),
    Command("bench", "Measure this machine.", _bench),
    Command("grafana", "Render or publish the Grafana walls.", _grafana),
    Command("accounts", "Who may do what: list, add, disable, one-time links, tokens.", _accounts),
    Command("doctor", "Say what this machine has and lacks.", _doctor),
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
    try:
        app(args=arguments, prog_name="citybrain")
    except CityBrainError as error:
        print(f"citybrain: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
