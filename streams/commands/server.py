"""`citybrain server`: alarms, console, wall and warnings; the only writer of the store."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from alerts.accounts.directory import Directory
from alerts.accounts.local_key import forget_local_key, write_local_key
from alerts.alertmanager.parts import Rules
from alerts.api import LOOPBACK
from alerts.kpi.desks import read_desks
from alerts.single_writer import SingleWriter
from alerts.sinks import Addresses
from alerts.store import Store
from streams.commands.asking import ask
from streams.history_reader import ParquetHistory
from streams.server import AlertServer
from streams.server_place import Place
from streams.server_terms import first_words, terms_of
from streams.settings import Settings, load_settings
from streams.writer_lock import take_turn, watch_turn, writer_of
from topics.connection import KafkaConnection


def command(
    brokers: Annotated[str | None, typer.Option(help="Kafka cluster, host:port[,host:port…]")] = None,
    store: Annotated[str | None, typer.Option(help="SQLAlchemy URL of the store, e.g. sqlite:///store.db")] = None,
    bureau: Annotated[str | None, typer.Option(help="where CAP warnings to the emergency bureau go")] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on; beyond loopback once accounts exist")] = None,
    port: Annotated[int | None, typer.Option(help="port of console, wall and interface; 0 = any free one")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="say everywhere that this is played")] = False,
    is_open: Annotated[bool, typer.Option("--open", help="let callers of this machine in without an account")] = False,
) -> None:
    settings = load_settings(
        brokers=brokers,
        store_url=store,
        bureau_url=bureau,
        server_host=host,
        server_port=port,
        server_open=is_open or None,
    )
    settings.data.mkdir(parents=True, exist_ok=True)
    writer = writer_of(settings.store)
    if writer is not None and not _our_turn(writer, settings):
        return
    place = Place(
        store_url=settings.store,
        bureau_url=settings.bureau_url,
        folder=settings.data / "warnings",
        sender=settings.sender,
        host=settings.server_host,
        port=settings.server_port,
        simulated=simulated,
        desks=read_desks(settings.desks),
        digest_interval_s=settings.digest_interval_s,
        terms=terms_of(settings, settings.server_host),
        cert_file=settings.server_cert_file,
        key_file=settings.server_key_file,
        local_key=write_local_key(settings.data),
        outside=_outside(settings),
        channels=_channels(settings),
        gate=settings.gate,
    )
    history = ParquetHistory(settings.data / "history")
    try:
        ask(settings, _serve(place, settings.kafka, history, writer))
    finally:
        forget_local_key(settings.data)
        history.close()
        if writer is not None:
            writer.close()


def _our_turn(writer: SingleWriter, settings: Settings) -> bool:
    """Wait for the store where another server writes it; SIGTERM and SIGINT end the waiting."""
    standby = settings.server_standby
    waits = standby and settings.server_host not in LOOPBACK
    told: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, frame: told.append(number)) for number in numbers]
    try:
        stopped = partial(bool, told)
        return take_turn(writer, standby=standby, stopped=stopped) and (not waits or _first_account(settings, stopped))
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _first_account(settings: Settings, stopped: Callable[[], bool]) -> bool:
    """Wait until there is an account, because nothing listens beyond loopback before; False where stopped first.

    A server that ended instead would leave no pod in which `citybrain accounts add` could be run.
    """
    store = Store(settings.store)
    try:
        directory = Directory(store, lambda: time.time_ns() // 1_000_000)
        if not directory.any():
            print("server waits for the first account: citybrain accounts add", file=sys.stderr, flush=True)
        while not directory.any():
            if stopped():
                return False
            time.sleep(1.0)
        return True
    finally:
        store.close()


def _channels(settings: Settings) -> Addresses:
    return Addresses(
        settings.bureau_url,
        settings.data / "warnings",
        webhook_url=settings.webhook_url,
        webhook_secret=settings.webhook_secret,
        recall_notice_url=settings.recall_notice_url,
        public_url=settings.public_url,
        smtp_url=settings.smtp_url,
        smtp_username=settings.smtp_username,
        smtp_password=settings.smtp_password,
        email_from=settings.email_from,
        email_to=settings.email_to,
        alertmanager_url=settings.alertmanager_url,
        gbt35965_url=settings.gbt35965_url,
        gbt35965_sender=settings.gbt35965_sender,
    )


def _outside(settings: Settings) -> Rules:
    return Rules(
        pack=settings.external_pack,
        resolve_timeout_ms=round(settings.resolve_timeout_s * 1000),
        longest_silence_ms=round(settings.silence_max_h * 3_600_000),
        red_role=settings.silence_red_role,
    )


async def _serve(place: Place, kafka: KafkaConnection, history: ParquetHistory, writer: SingleWriter | None) -> None:
    server = AlertServer(kafka, place, history)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)

    def say_ready() -> None:
        scheme = "https" if place.cert_file else "http"
        address = f"{scheme}://{place.host}:{server.port}/"
        print(f"server ready on {address}", file=sys.stderr, flush=True)
        if told := first_words(server.access, address, to_a_person=sys.stderr.isatty()):
            print(told, file=sys.stderr, flush=True)

    parts = [asyncio.create_task(server.run(say_ready))]
    if writer is not None:
        parts.append(asyncio.create_task(watch_turn(writer)))
    try:
        # Not a task group: what ends the server must come out as the one sentence it is.
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
