"""`citybrain goods`: what the goods list knows, and bringing in a list of one's own."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from streams.commands.cluster import AsJson
from streams.packs import foreign_names
from topics.city_zone import CITY_ZONE
from topics.domain_file import load_domain
from topics.errors import ConfigurationError
from topics.goods import GoodsEntry
from topics.goods_list import read_goods_list, with_goods
from topics.pack_goods import goods_editions, goods_of
from topics.segregation_rules import rules_edition
from topics.segregation_table import segregation_edition

app = typer.Typer(help="The list of dangerous goods.", no_args_is_help=True, add_completion=False)

PackFile = Annotated[Path, typer.Option("--pack", help="the cargo pack (TOML)")]


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8: un, name_en, class …; see docs/declarations.md")],
    pack: PackFile,
    source: Annotated[str, typer.Option(help="where the list is from: name and amendment")],
    out: Annotated[Path | None, typer.Option(help="where to write the pack (default: over the one read)")] = None,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="the rows were checked: they may refuse")] = False,
    until: Annotated[str, typer.Option(help="an older list: the first day it held no longer, such as 2025-01-01")] = "",
    as_json: AsJson = False,
) -> None:
    """Write the pack with the list's rows in it (exit status 1 if a line was refused); `packs publish` publishes it."""
    if not source.strip():
        raise ConfigurationError("--source: expected where the list is from, got nothing")
    found = read_goods_list(_read(file, as_it_is=True), source, confirmed)
    target = out or pack
    text = with_goods(_read(pack), found, _day("--until", until))
    beside = target.with_suffix(".new")
    try:
        beside.write_text(text, encoding="utf-8")
        domain = load_domain(beside)
        if problems := foreign_names(domain):
            raise ConfigurationError("\n".join(problems))
        goods_of(domain.facts)
        beside.replace(target)
    except OSError as error:
        raise ConfigurationError(f"--out {target}: expected to write it, got: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
    refusals = [msgspec.to_builtins(each) for each in found.refusals]
    if as_json:
        said = {"taken": len(found.entries), "refused": refusals, "pack": str(target), "digest": found.digest}
        print(json.dumps(said, ensure_ascii=False))
    else:
        for each in found.refusals:
            print(f"line {each.line}: {each.why}", file=sys.stderr)
        print(f"{len(found.entries)} UN numbers in {target}, {len(refusals)} lines refused, SHA-256 {found.digest}")
    raise typer.Exit(1 if refusals else 0)


@app.command("list")
def list_goods(
    pack: Annotated[Path | None, typer.Option("--pack", help="with the rows of this pack")] = None,
    on: Annotated[str, typer.Option(help="as it stood on this day, such as 2015-08-12 (default: today)")] = "",
    as_json: AsJson = False,
) -> None:
    """Every UN number that is known, with source and whether it was confirmed, and which editions and files say so;
    what is not here is unknown."""
    facts = load_domain(pack).facts if pack else {}
    day = _day("--on", on) or dt.datetime.now(CITY_ZONE).date()
    goods = goods_of(facts, day)
    editions = (*goods_editions(facts, day), rules_edition(day), segregation_edition(day))
    if as_json:
        rows, said = (msgspec.to_builtins(each) for each in (tuple(goods.values()), editions))
        print(json.dumps({"goods": rows, "editions": said}, ensure_ascii=False))
        return
    short = [Column(head, no_wrap=True) for head in ("UN", "class", "PG", "EmS")]  # cut, they would be others
    long = [Column("名称 name", overflow="fold", min_width=20)]
    long += [Column(head, overflow="fold") for head in ("°C", "source")]
    table = Table(*short, *long, box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for entry in sorted(goods.values(), key=lambda each: each.un):
        doubt = "" if entry.confirmed else " (not confirmed)"
        kinds = f" ({', '.join(entry.subsidiary)})" if entry.subsidiary else ""
        cells = (
            entry.un, entry.hazard_class + kinds, entry.packing_group or "–", entry.ems or "unknown",
            f"{entry.title.zh} {entry.title.en}", _heat(entry), entry.source + doubt,
        )  # fmt: skip
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)
    for each in editions:
        print(f"{each.table}: {each.name} ({each.source}), SHA-256 {each.digest}")


def _heat(entry: GoodsEntry) -> str:
    """SADT, control, emergency and ceiling, as far as they are known."""
    known = entry.temperatures
    if known is None:
        return "unknown"
    named = (
        ("SADT", known.sadt_c), ("control", known.control_c), ("emergency", known.emergency_c),
        ("ceiling", known.ceiling_c),
    )  # fmt: skip
    told = ", ".join(f"{name} {value:g}" for name, value in named if value is not None)
    return told if known.confirmed else f"{told} (not confirmed)"


def _day(option: str, said: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(said) if said else None
    except ValueError as error:
        raise ConfigurationError(f"{option}: expected a day such as 2025-01-01, got {said!r}") from error


def _read(file: Path, *, as_it_is: bool = False) -> str:
    """``as_it_is``: with the ends of lines it has, so that its digest is that of the file."""
    try:
        with file.open(encoding="utf-8", newline="" if as_it_is else None) as opened:
            return opened.read()
    except OSError as error:
        raise ConfigurationError(f"goods: expected to read {file}, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"goods: expected {file} in UTF-8, got: {error}") from error
