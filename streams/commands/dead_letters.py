"""`citybrain dead-letters`: what could not be judged and why; look at it, and put it back."""

import datetime as dt
import json
import re
import sys
import time
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from streams import dead_letter_box as box
from streams.commands.cluster import AsJson, Brokers, settings_of
from streams.settings import Settings
from topics.dead_letter import REASONS
from topics.errors import ConfigurationError

app = typer.Typer(help="What could not be judged and why.", no_args_is_help=True, add_completion=False)

Reason: TypeAlias = Annotated[str | None, typer.Option("--reason", help=f"one of {', '.join(REASONS)}")]
Origin: TypeAlias = Annotated[str | None, typer.Option("--topic", help="the topic it came from, or gateway/<name>")]
Since: TypeAlias = Annotated[
    str | None, typer.Option("--since", help="90s, 30m, 2h or 3d ago, or a time as 2026-11-24T08:00+08:00")
]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, help="show at most this many, the youngest")]

_AGO_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SHOWN_BYTES = 4_096


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: Origin = None,
    since: Since = None,
    limit: Limit = 200,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """What is there, oldest first."""
    settings = settings_of(brokers)
    found = list(box.letters(settings.kafka, _filter(reason, topic, since, settings)))
    shown = found[-limit:]
    if as_json:
        print(json.dumps({"total": len(found), "letters": [_row(kept) for kept in shown]}, ensure_ascii=False))
        return
    table = Table("place", "time", "from", "reason", "detail")
    for kept in shown:
        letter = kept.letter
        if letter is None:
            table.add_row(kept.place, "", "", "unreadable", escape(kept.problem))
        else:
            origin = letter.topic if letter.offset < 0 else f"{letter.topic}:{letter.partition}:{letter.offset}"
            table.add_row(kept.place, _clock(letter.time, settings), origin, letter.reason, escape(letter.detail))
    Console().print(table)
    if len(found) > len(shown):
        print(f"{len(shown)} of {len(found)} shown; --limit shows more", file=sys.stderr)


@app.command()
def show(
    place: Annotated[str, typer.Argument(help="partition:offset, as `list` gives it")],
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """One dead letter: what is wrong with it, where it came from, and its original bytes."""
    settings = settings_of(brokers)
    kept = box.letter_at(settings.kafka, place)
    if as_json:
        print(json.dumps(_row(kept) | {"now": box.verdict_now(kept)} | _bytes(kept.value), ensure_ascii=False))
        return
    console = Console(highlight=False)
    for name, text in _explained(kept, settings):
        console.print(f"[bold]{name}[/]  {escape(text)}")
    console.print(escape(_dump(kept.value)))


@app.command()
def replay(
    place: Annotated[str | None, typer.Argument(help="partition:offset of one; or choose by the options")] = None,
    reason: Reason = None,
    topic: Origin = None,
    since: Since = None,
    brokers: Brokers = None,
    as_json: AsJson = False,
) -> None:
    """Put messages back on the topic they came from, byte for byte; exit status 1 if any could not be."""
    settings = settings_of(brokers)
    chosen = _filter(reason, topic, since, settings)
    if (place is None) == chosen.empty:
        raise ConfigurationError(
            "dead-letters replay: expected either partition:offset or a filter, got both or neither"
        )
    found = [box.letter_at(settings.kafka, place)] if place else list(box.letters(settings.kafka, chosen))
    refused = [text for kept in found if (text := box.refusal(kept))]
    good = [kept for kept in found if not box.refusal(kept)]
    replayed: list[dict[str, Any]] = []

    def done(kept: box.Kept, at: Any) -> None:
        replayed.append({"place": kept.place, "topic": at.topic, "partition": at.partition, "offset": at.offset})
        if not as_json:
            print(f"{kept.place} -> {at.topic}:{at.partition}:{at.offset}")

    box.replay(settings.kafka, good, done)
    if as_json:
        print(json.dumps({"replayed": replayed, "refused": refused}, ensure_ascii=False))
    for text in refused:
        print(f"refused: {text}", file=sys.stderr)
    if refused:
        raise typer.Exit(1)


def since_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    """Wall time (ms UTC) of ``2h`` ago or of an ISO time, read in the city's zone where it names none."""
    if ago := re.fullmatch(r"(\d+)([smhd])", text):
        return now_ms - int(ago[1]) * _AGO_S[ago[2]] * 1000
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--since: expected 90s, 30m, 2h, 3d or an ISO time, got {text!r}") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _filter(reason: str | None, topic: str | None, since: str | None, settings: Settings) -> box.Filter:
    if reason is not None and reason not in REASONS:
        raise ConfigurationError(f"--reason: expected one of {sorted(REASONS)}, got {reason!r}")
    now_ms = time.time_ns() // 1_000_000
    return box.Filter(reason, topic, None if since is None else since_ms(since, now_ms, ZoneInfo(settings.zone)))


def _row(kept: box.Kept) -> dict[str, Any]:
    head = {"place": kept.place, "key": None if kept.key is None else kept.key.decode("utf-8", "replace")}
    if kept.letter is None:
        return head | {"reason": None, "problem": kept.problem}
    letter = kept.letter
    return head | {
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": letter.reason,
        "detail": letter.detail,
        "by": letter.by,
        "time": letter.time,
    }


def _bytes(value: bytes | None) -> dict[str, str | None]:
    if value is None:
        return {"text": None, "hex": None}
    try:
        return {"text": value.decode(), "hex": None}
    except UnicodeDecodeError:
        return {"text": None, "hex": value.hex()}


def _explained(kept: box.Kept, settings: Settings) -> list[tuple[str, str]]:
    key = "none" if kept.key is None else kept.key.decode("utf-8", "replace")
    letter = kept.letter
    if letter is None:
        return [("place", kept.place), ("key", key), ("headers", kept.problem)]
    title = REASONS[letter.reason]
    origin = (
        letter.topic if letter.offset < 0 else f"{letter.topic}, partition {letter.partition}, offset {letter.offset}"
    )
    lines = [
        ("place", kept.place),
        ("reason", f"{letter.reason}: {title.en} · {title.zh}"),
        ("detail", letter.detail),
        ("from", origin),
        ("key", key),
        ("refused by", f"{letter.by} at {_clock(letter.time, settings)}"),
    ]
    if now := box.verdict_now(kept):
        lines.append(("today", now))
    return [*lines, ("replay", box.refusal(kept) or f"citybrain dead-letters replay {kept.place}")]


def _dump(value: bytes | None) -> str:
    """The original bytes: as text where they are UTF-8, else as a hex dump of 16 a line."""
    if value is None:
        return "(null)"
    try:
        return value.decode()
    except UnicodeDecodeError:
        lines = []
        for start in range(0, min(len(value), _SHOWN_BYTES), 16):
            part = value[start : start + 16]
            text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
            lines.append(f"{start:06x}  {part.hex(' '):<47}  {text}")
        if len(value) > _SHOWN_BYTES:
            lines.append(f"… {len(value)} bytes in all; --json gives them whole")
        return "\n".join(lines)


def _clock(time_ms: int, settings: Settings) -> str:
    moment = dt.datetime.fromtimestamp(time_ms / 1000, ZoneInfo(settings.zone))
    return moment.strftime("%Y-%m-%d %H:%M:%S")
