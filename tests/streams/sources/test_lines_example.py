"""The worked example of docs/intake.md is a source: it holds the contract, and answers line by line."""

import asyncio
import runpy
from pathlib import Path
from typing import Any

import msgspec

from streams.sources.memory_publisher import MemoryPublisher
from tests.patience import WITHIN_S
from tests.streams.sources.contract import Wire, check_source
from tests.streams.sources.intake_city import CITY, NOW, T0

EXAMPLE = Path(__file__).parents[3] / "docs/examples/lines_source.py"
LinesSource: Any = runpy.run_path(str(EXAMPLE))["LinesSource"]


def _line(**change: Any) -> bytes:
    return msgspec.json.encode({"series": "tank-1/T1/pressure/Rtd", "time": T0, "value": 0.5} | change) + b"\n"


async def _answers(port: int, *lines: bytes) -> list[str]:
    """What one sender is answered, line by line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.writelines(lines)
        return [(await asyncio.wait_for(reader.readline(), WITHIN_S)).decode().strip() for _ in lines]
    finally:
        writer.close()


async def _good(port: int) -> bool:
    return await _answers(port, _line()) == ["ok"]


async def _bad(port: int, _: MemoryPublisher) -> bool:
    (said,) = await _answers(port, _line(value="high"))
    return said.startswith("$.value: expected ")


async def test_the_worked_example_holds_the_contract() -> None:
    await check_source("lines", Wire(lambda port: LinesSource(CITY, lambda: NOW, port=port), _good, _bad))


async def test_each_line_is_answered_by_itself_in_order() -> None:
    publisher = MemoryPublisher(script={1: "refuses"})
    source = LinesSource(CITY, lambda: NOW)
    await source.start(publisher)
    try:
        said = await _answers(source.port, _line(), b"{not json\n", _line(), _line(series="tank-1"), _line(value=0.6))
    finally:
        await source.stop()
    assert [each.split(" ")[0] for each in said] == ["ok", "expected", "again", "$.series:", "ok"]
    assert [msgspec.json.decode(each.value)["value"] for each in publisher.records] == [0.5, 0.6]


def test_it_is_short_enough_to_be_read_at_once() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 70
