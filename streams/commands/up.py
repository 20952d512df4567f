"""`citybrain up`: all parts on this machine, for real devices, in real time, until Ctrl-C."""

import contextlib
import signal
import sys
import threading
import time
from dataclasses import replace
from types import FrameType
from typing import Annotated

import typer

from streams.clients import complain_seldom
from streams.keepers import KEEPERS
from streams.one_machine import Machine, one_machine
from streams.settings import load_settings


def command(
    brokers: Annotated[str | None, typer.Option(help="use this Kafka cluster instead of one of our own")] = None,
    bureau: Annotated[str | None, typer.Option(help="where CAP warnings to the emergency bureau go")] = None,
    stand_in: Annotated[
        bool, typer.Option("--stand-in-bureau", help="start a stand-in that signs for warnings")
    ] = False,
    data_dir: Annotated[str | None, typer.Option(help="folder for broker, store, history and spool")] = None,
) -> None:
    settings = load_settings(brokers=brokers, bureau_url=bureau, data_dir=data_dir)
    if stand_in and bureau is None:
        settings = replace(settings, bureau_url=settings.stand_in_url)
    settings.data.mkdir(parents=True, exist_ok=True)
    complain_seldom()
    asked_to_end = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        asked_to_end.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    now_ms = time.time_ns() // 1_000_000
    with one_machine(settings, own_broker=brokers is None, say=_say, effective_ms=now_ms) as machine:
        _start(machine, stand_in)
        _say(
            f"ready: wall http://127.0.0.1:{settings.server_port}/  HJ 212 on {settings.hj212_port}  Ctrl-C ends it all"
        )
        while not asked_to_end.wait(0.5):
            machine.supervisor.check()
        _say("ending all parts")


def _start(machine: Machine, stand_in: bool) -> None:
    first = [machine.part("bureau")] if stand_in else []
    names = (
        "server",
        "history",
        "gateway",
        "worker",
        "fitter",
        "integrity",
        *KEEPERS,
        "city-time",
    )
    parts = [machine.part(name) for name in names]
    machine.supervisor.start(*first, *parts)


def _say(text: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)
