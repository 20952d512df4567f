"""`citybrain goods`: what the goods list knows, and bringing in a list of one's own."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams.commands.cluster import AsJson
from streams.packs import foreign_names
from topics.domain_file import load_domain
from topics.errors import ConfigurationError
from topics.goods import GoodsEntry, goods_of
from topics.goods_list import read_goods_list, with_goods

app = typer.Typer(help="The list of dangerous goods.", no_args_is_help=True, add_completion=False)

PackFile = Annotated[Path, typer.Option("--pack", help="the cargo pack (TOML)")]


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8: un, name_en, class …; see docs/declarations.md")],
    pack: PackFile,
    source: Annotated[str, typer.Option(help="where the list is from: name and amendment")],
    out: Annotated[Path | None, typer.Option(help="where to write the pack (default: over the one read)")] = None,
    confirmed: Annotated[bool, typer.Option("--confirmed", help="the rows were checked: they may refuse")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the pack with the list's rows in it (exit status 1 if a line was refused); `packs publish` publishes it."""
    if not source.strip():
        raise ConfigurationError("--source: expected where the list is from, got nothing")
    found = read_goods_list(_read(file), source, confirmed)
    target = out or pack
    text = with_goods(_read(pack), found.entries)
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
        print(json.dumps({"taken": len(found.entries), "refused": refusals, "pack": str(target)}, ensure_ascii=False))
    else:
        for each in found.refusals:
            print(f"line {each.line}: {each.why}", file=sys.stderr)
        print(f"{len(found.entries)} UN numbers in {target}, {len(refusals)} lines refused")
    raise typer.Exit(1 if refusals else 0)


@app.command("list")
def list_goods(
    pack: Annotated[Path | None, typer.Option("--pack", help="with the rows of this pack")] = None,
    as_json: AsJson = False,
) -> None:
    """Every UN number that is known, with source and whether it was confirmed; what is not here is unknown."""
    goods = goods_of(load_domain(pack).facts if pack else {})
    if as_json:
        print(json.dumps({"goods": [msgspec.to_builtins(each) for each in goods.values()]}, ensure_ascii=False))
        return
    table = Table("UN", "名称", "name", "class", "sub.", "PG", "EmS", "°C", "source")
    for entry in sorted(goods.values(), key=lambda each: each.un):
        doubt = "" if entry.confirmed else " (not confirmed)"
        cells = (
            entry.un, entry.title.zh, entry.title.en, entry.hazard_class, ", ".join(entry.subsidiary),
            entry.packing_group or "–", entry.ems or "unknown", _heat(entry), entry.source + doubt,
        )  # fmt: skip
        table.add_row(*(escape(cell) for cell in cells))
    Console().print(table)


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


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"goods: expected to read {file}, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"goods: expected {file} in UTF-8, got: {error}") from error
