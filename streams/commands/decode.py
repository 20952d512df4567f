"""`citybrain decode`: devices' frames as JSON, one object a line, with what is wrong with the bad ones."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from streams.sources.hj212.diagnosis import BadSegment, Diagnosis, diagnose_piece
from streams.sources.hj212.edition import edition_of
from streams.sources.hj212.factors import FACTORS, unit_of
from streams.sources.hj212.framing import Framer
from streams.sources.hj212.segment import Segment, parse_segment
from streams.sources.hj212.times import when
from streams.sources.hj212.to_readings import carries_values
from streams.sources.hj212.values import Value, values_of
from streams.sources.piece import Piece

READ_BYTES = 65_536

#: How much of a bad frame is shown.
SHOWN_BYTES = 200

app = typer.Typer(help="Decode a device's frames, one JSON object a line.", no_args_is_help=True, add_completion=False)


@app.callback()
def decode() -> None:
    """Decode a device's frames, one JSON object a line."""


@app.command()
def hj212(
    file: Annotated[str, typer.Argument(help="file of frames, with or without CR LF; - = standard input")] = "-",
) -> None:
    """HJ 212 frames (2005, 2017, plain 2025). Exit status 1 if any frame is bad, 2 if there is nothing to read."""
    bad = 0
    with _opened(file) as source:
        for piece in _pieces(source):
            row = decoded(piece)
            bad += not row["ok"]
            sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
    sys.stdout.flush()
    raise typer.Exit(1 if bad else 0)


def decoded(piece: Piece) -> dict[str, Any]:
    """One piece of a stream as the JSON object that is printed for it; keys and their meaning: docs/hj212.md."""
    row: dict[str, Any] = dict.fromkeys(("ok", "length_ok", "crc_ok", "diagnosis", "edition", "st", "cn", "mn", "qn"))
    row |= {"data_time": None, "factors": [], "offset": piece.offset}
    if piece.data is None:
        return row | _verdict(diagnose_piece(piece.raw)) | {"raw": _shown(piece.raw)}
    try:
        segment = parse_segment(piece.data)
    except BadSegment as bad:
        return row | _verdict(bad.diagnosis) | {"raw": _shown(piece.raw)}
    row |= {
        "edition": edition_of(segment),
        "st": segment.st or None,
        "cn": segment.cn,
        "mn": segment.mn,
        "qn": segment.qn or None,
        "data_time": segment.cp.get("datatime"),
        "factors": [_factor(value) for value in values_of(segment)],
        "pw": segment.pw or None,
        "flag": segment.flag,
        "pnum": segment.pnum or None,
        "pno": segment.pno or None,
        "backfill": segment.backfill,
        "cp": segment.cp,
    }
    return row | _verdict(_time_problem(segment))


def _time_problem(segment: Segment) -> Diagnosis | None:
    """Data whose time cannot be read is of no use, however well it is framed."""
    if not carries_values(segment):
        return None
    try:
        when(segment)
    except BadSegment as bad:
        return bad.diagnosis
    return None


def _verdict(wrong: Diagnosis | None) -> dict[str, Any]:
    if wrong is None:
        return {"ok": True, "length_ok": True, "crc_ok": True}
    return {
        "ok": False,
        "length_ok": wrong.length_ok,
        "crc_ok": wrong.crc_ok,
        "diagnosis": wrong.text.en,
        "diagnosis_zh": wrong.text.zh,
        "diagnosis_code": wrong.code,
    }


def _factor(value: Value) -> dict[str, Any]:
    factor = FACTORS.get(value.code)
    row: dict[str, Any] = {
        "code": value.code,
        "name": factor.name.en if factor else None,
        "name_zh": factor.name.zh if factor else None,
        "unit": unit_of(value.code, value.field) or None,
        "field": value.field,
        "value": value.value,
        "flag": value.flag,
    }
    if value.sent_code != value.code:
        row["sent_code"] = value.sent_code
    if value.sample_time:
        row["sample_time"] = value.sample_time
    if value.value is None:
        row["text"] = value.text
    if value.problem is not None:
        row["problem"] = value.problem.en
    return row


def _shown(raw: bytes) -> str:
    return raw[:SHOWN_BYTES].decode("ascii", "backslashreplace")


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise typer.BadParameter(f"expected a file to read, got {file}: {error.strerror}") from error


def _pieces(source: BinaryIO) -> Iterator[Piece]:
    framer = Framer()
    read = getattr(source, "read1", source.read)  # what a pipe has by now, so that a live stream is shown live
    while chunk := read(READ_BYTES):
        yield from framer.feed(chunk)
    yield from framer.flush()
