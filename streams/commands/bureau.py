"""`citybrain bureau`: a stand-in for the emergency bureau's gateway."""

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from streams.bureau import Bureau, write_report
from streams.settings import load_settings
from topics.errors import PartMissing


def command(
    port: Annotated[int | None, typer.Option(help="port on loopback; 0 = any free one")] = None,
    report: Annotated[Path | None, typer.Option(help="write what was received into this file at the end")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print what was received at the end, as one object")] = False,
) -> None:
    wanted = load_settings(bureau_port=port).bureau_port
    try:
        bureau = Bureau(wanted)
    except OSError as error:
        raise PartMissing(f"bureau: expected port {wanted} to be free, got: {error.strerror}") from error
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with bureau:
        print(f"bureau ready on {bureau.url}", file=sys.stderr, flush=True)
        ended.wait()
    if report is not None:
        write_report(bureau.register, report)
    if as_json:
        print(json.dumps(bureau.register.report(), ensure_ascii=False))
