"""The benchmarks' page: each command it lists is one, with the options it names, and each measure is where it says."""

import importlib
import re
from pathlib import Path

import typer
from typer.main import get_command

from streams.commands.bench import app

PAGE = (Path(__file__).parent.parent / "docs/benchmarks.md").read_text(encoding="utf-8")
LISTED = re.findall(r"^\| `citybrain bench ([^`]+)`", PAGE, re.MULTILINE)
MEASURES = ("rows", "ranking", "volume", "episodes", "lead_time", "nab")


def test_each_listed_command_is_one_and_has_the_options_named() -> None:
    group = get_command(app)
    commands = group.list_commands(typer.Context(group))  # type: ignore[attr-defined]
    assert len(LISTED) >= 8
    for line in LISTED:
        name, *options = line.split()
        assert name in commands, f"docs/benchmarks.md lists `citybrain bench {name}`, which is none"
        known = {option for each in group.commands[name].params for option in each.opts}  # type: ignore[attr-defined]
        for option in options:
            assert not option.startswith("-") or option in known, f"`citybrain bench {name}` has no {option}"


def test_each_measure_named_is_in_the_package() -> None:
    table = PAGE.split("| measure |")[1].split("\n\n")[0]
    names = [
        name for cell in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)
    ]
    assert len(names) >= 8
    held = {name for module in MEASURES for name in vars(importlib.import_module(f"detectors.scoring.{module}"))}
    assert set(names) <= held
