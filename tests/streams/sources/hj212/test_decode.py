"""`citybrain decode hj212`: one JSON object a frame, exit status by what was found."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from streams.commands.decode import app
from tests.streams.sources.hj212.plant import frame
from tests.streams.sources.hj212.vectors import ENCRYPTED, GOOD, OFFICIAL_2017, SURFACE_WATER

REQUIRED = {
    "ok", "length_ok", "crc_ok", "diagnosis", "edition", "st", "cn", "mn", "qn", "data_time", "factors"
}  # fmt: skip


def decode(data: bytes) -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(app, ["hj212", "-"], input=data)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_printed_frames_are_all_good(end: bytes) -> None:
    status, rows = decode(b"".join(raw + end for raw, _, _ in GOOD.values()))
    assert status == 0
    assert [(row["cn"], row["edition"]) for row in rows] == [(cn, edition) for _, cn, edition in GOOD.values()]
    for row in rows:
        assert row.keys() >= REQUIRED
        assert (row["ok"], row["length_ok"], row["crc_ok"], row["diagnosis"]) == (True, True, True, None)


def test_a_file_and_its_factors(tmp_path: Path) -> None:
    path = tmp_path / "frames.txt"
    path.write_bytes(SURFACE_WATER + b"\r\n")
    result = CliRunner().invoke(app, ["hj212", str(path)])
    row = json.loads(result.stdout)
    assert (row["st"], row["mn"], row["data_time"]) == ("21", "ZLDSZ20210127", "20210301111100")
    first = row["factors"][0]
    assert first == {
        "code": "w01001", "name": "pH", "name_zh": "pH值", "unit": "pH", "field": "Rtd", "value": 8.33, "flag": "N"
    }  # fmt: skip
    assert row["factors"][7]["value"] == 0.09055002
    assert len(row["factors"]) == 11


@pytest.mark.parametrize(
    ("raw", "length_ok", "crc_ok", "words"),
    [
        (OFFICIAL_2017.replace(b"=30", b"=31"), True, False, "CRC says"),
        (OFFICIAL_2017.replace(b"##0101", b"##0099"), False, True, "length says 99, found 101"),
        (frame("DataTime=2016;w01018-Rtd=1"), True, True, "DataTime is unreadable"),
        (frame().replace(b"CP=&&", b"CP=&"), False, False, "length says"),
        (ENCRYPTED, True, None, "SM4"),
        (b"rubbish", False, False, "7 bytes between frames"),
    ],
)
def test_a_bad_frame_is_explained_and_its_neighbours_are_read(
    raw: bytes, length_ok: bool, crc_ok: bool | None, words: str
) -> None:
    status, rows = decode(OFFICIAL_2017 + b"\r\n" + raw + b"\r\n" + OFFICIAL_2017 + b"\r\n")
    assert status == 1
    assert [row["ok"] for row in rows] == [True, False, True]
    bad = rows[1]
    assert bad.keys() >= REQUIRED
    assert (bad["length_ok"], bad["crc_ok"]) == (length_ok, crc_ok)
    assert words in bad["diagnosis"] and bad["diagnosis_zh"]
    assert bad["offset"] == len(OFFICIAL_2017) + 2


def test_a_value_that_is_no_number_is_shown_as_it_came() -> None:
    status, (row,) = decode(frame("DataTime=20160801085857;011-rtd=--,011-flag=N"))
    assert status == 0  # the frame is good, one value is not
    (factor,) = row["factors"]
    assert (factor["code"], factor["sent_code"], factor["value"], factor["text"]) == ("w01018", "011", None, "--")
    assert "expected a number" in factor["problem"]


def test_nothing_gives_nothing() -> None:
    assert decode(b"") == (0, [])
    assert decode(b"\r\n\r\n") == (0, [])


@pytest.mark.parametrize(
    "arguments", [["hj212", "no-such-file"], ["hj212", "."], ["hj212", "a", "b"], ["nonsense"], []]
)
def test_wrong_use(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2
