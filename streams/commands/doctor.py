"""`citybrain doctor`: what this machine has and lacks, each with what it is needed for."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from streams.settings import Settings, load_settings
from topics.errors import PartMissing
from topics.java import find_java, java_version


@dataclass(frozen=True, slots=True)
class Check:
    """One line: ``needed`` ones make the exit status 1 when they fail."""

    name: str
    needed: bool
    purpose: str
    ok: bool
    found: str


def command(
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    checks = look(load_settings())
    if as_json:
        print(
            json.dumps({check.name: {"ok": check.ok, "needed": check.needed, "found": check.found} for check in checks})
        )
    else:
        table = Table("", "what", "found", "for")
        for check in checks:
            mark = "[green]✓[/]" if check.ok else ("[red]✗[/]" if check.needed else "[yellow]–[/]")
            table.add_row(mark, check.name, check.found, check.purpose)
        Console().print(table)
    raise typer.Exit(1 if any(check.needed and not check.ok for check in checks) else 0)


def look(settings: Settings) -> list[Check]:
    """All checks of this machine under these settings."""
    checks = [
        _check("python", True, "everything", _python),
        _check("java", True, "the embedded Kafka", lambda: _java(settings)),
        _check("memory", True, "Kafka, worker and server side by side: 2 GiB", _memory),
        _check("data folder", True, "broker, store, history and spool", lambda: _folder(settings)),
    ]
    for name in ("server_port", "intake_port", "hj212_port", "bureau_port"):
        port = getattr(settings, name)
        checks.append(_check(f"{name} {port}", True, "a part that listens", lambda port=port: _port(port)))  # type: ignore[misc]
    for program, purpose in (
        ("chromium", "tests of the pages"),
        ("promtool", "tests of rules and metrics"),
    ):
        checks.append(_check(program, False, purpose, lambda program=program: _program(program)))  # type: ignore[misc]
    return checks


def _check(name: str, needed: bool, purpose: str, probe: Callable[[], str]) -> Check:
    try:
        return Check(name, needed, purpose, True, probe())
    except (OSError, PartMissing) as error:
        return Check(name, needed, purpose, False, str(error))


def _python() -> str:
    return sys.version.split()[0]


def _java(settings: Settings) -> str:
    path = find_java(settings.java_home or None)
    return f"{path} (version {java_version(path)})"


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if size < 2:
        raise PartMissing(f"expected 2 GiB or more, got {size:.1f}")
    return f"{size:.1f} GiB"


def _folder(settings: Settings) -> str:
    settings.data.mkdir(parents=True, exist_ok=True)
    probe = settings.data / ".writable"
    probe.write_text("")
    probe.unlink()
    return f"{settings.data} ({shutil.disk_usage(settings.data).free / 2**30:.0f} GiB free)"


def _port(port: int) -> str:
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        wire.bind(("127.0.0.1", port))
    return "free"


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise PartMissing("not installed")
    return path
