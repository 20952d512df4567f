"""`citybrain replay`: play a scenario and hold what comes of it against what must."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from streams.commands.replay_cargo import play_cargo
from streams.commands.replay_port import play_port

app = typer.Typer(no_args_is_help=True, help="Play a scenario and hold its outcome against an independent reckoning.")


@app.callback()
def replay() -> None:
    """Scenarios by name."""


@app.command("hazard-day")
def hazard_day(
    as_json: Annotated[bool, typer.Option("--json", help="print what was said and wanted as one JSON object")] = False,
) -> None:
    """A day of a tank farm: grade, permit, votes, discrepancy, rise and bypass, against an oracle of its own."""
    from streams.replays.hazard import replay_hazard_day

    played = replay_hazard_day()
    figures = {
        "said": [each._asdict() for each in played.said],
        "missed": [each._asdict() for each in played.missed],
        "unwanted": [each._asdict() for each in played.unwanted],
        "suppressed_by_design": [each._asdict() for each in played.silent],
    }
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for each in played.said:
            until = "–" if each.closes is None else f"{each.closes // 60:02}:{each.closes % 60:02}"
            print(f"{each.opens // 60:02}:{each.opens % 60:02} {until:>5}  {each.rule:22} {each.mark}")
        print(
            f"missed {len(played.missed)}, unwanted {len(played.unwanted)}; "
            f"suppressed by design for a while {len(played.silent)}"
        )
    raise typer.Exit(0 if not played.missed and not played.unwanted else 1)


@app.command("cargo-road")
def cargo_road(
    write: Annotated[Path | None, typer.Option(help="also write its messages, for `citybrain cargo send`")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as one JSON object")] = False,
) -> None:
    """A truck to the port: silence, deviation, a stop near homes, a way through them; its box from plant to ship."""
    raise typer.Exit(play_cargo(write, as_json))


@app.command("pollution-month")
def pollution_month(
    days: Annotated[int, typer.Option(min=1, max=31, help="days of the month that are played")] = 31,
    outlets: Annotated[int, typer.Option(min=0, help="waste water outlets")] = 6,
    stacks: Annotated[int, typer.Option(min=0, help="stacks")] = 3,
    seed: Annotated[int, typer.Option(help="another seed, another month")] = 6,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as one JSON object")] = False,
) -> None:
    """A generated month of polluters: formal judgements against an oracle written from the standards' text."""
    from detectors.rules.judgement.rules import rules_of
    from streams.packs import load_packs
    from streams.replays.pollution import replay_month
    from streams.replays.pollution_month import pollution_month as generated

    (pack,) = (domain for domain in load_packs() if domain.name == "pollution")
    print("making the month", file=sys.stderr, flush=True)
    month = generated(days, outlets, stacks, seed)
    result = replay_month(month, rules_of(pack), lambda text: print(text, file=sys.stderr, flush=True))
    figures = result.figures()
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
    raise typer.Exit(0 if result.kept else 1)


@app.command("port-2015")
def port_2015(
    speed: Annotated[str, typer.Option(help="city seconds per wall second, or max")] = "max",
    as_of: Annotated[
        dt.datetime | None, typer.Option("--rules-as-of", formats=["%Y-%m-%d"], help="whose rules; default today")
    ] = None,
    in_process: Annotated[
        bool, typer.Option("--in-process", help="judges, kernel and store in this process, without Kafka")
    ] = False,
    data_dir: Annotated[str | None, typer.Option(help="folder of the run; emptied first")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as one JSON object")] = False,
) -> None:
    """The night of 12 August 2015: which alarms, when, told to whom, how long before the fire and the explosions."""
    raise typer.Exit(play_port(speed, as_of.date() if as_of else None, in_process, data_dir, as_json))
