"""The people of the played day: their acts in order and in time, what is refused, what an act must wait for."""

import asyncio
import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from streams.citytime import CityClock, Leg
from streams.sources.simulator import desk as desk_module
from streams.sources.simulator.desk import Desk
from streams.sources.simulator.desk_acts import Act, DeskDay, filled, load_desk_day
from streams.sources.simulator.pacer import Pacer
from streams.sources.simulator.report import SentReport
from streams.sources.simulator.script_lines import ms
from tests.patience import until
from topics.errors import ConfigurationError, NotKept
from topics.finding import Text

NOON = dt.datetime(2015, 8, 12, 12)
TITLE = Text("做", "it is done")


def act(minute: int, path: str, **more: Any) -> Act:
    return Act(NOON + dt.timedelta(minutes=minute), TITLE, path, {"who": "somebody"}, **more)


class House:
    """Answers as a server would; remembers (path, body, city time)."""

    def __init__(self, pacer: Pacer) -> None:
        self.pacer = pacer
        self.asked: list[tuple[str, Any, int]] = []
        self.looks = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.looks += 1
            return httpx.Response(200, json={"items": [] if self.looks < 3 else [{"id": "a7"}, {"id": "a8"}]})
        self.asked.append((request.url.path, json.loads(request.content), self.pacer.city_ms()))
        if request.url.path == "/refused":
            return httpx.Response(409, json={"error": "not now"})
        return httpx.Response(200, json={"number": 7})


def played(*acts: Act) -> tuple[House, SentReport]:
    """The acts at a thousand times real time, with a wall that each sleep moves on."""
    wall = [0.0]
    clock = CityClock(ms(NOON), 0.0, [Leg(1000.0, ms(NOON) + 3_600_000)])
    pacer = Pacer(clock, lambda: wall[0])
    pacer.kept(ms(NOON) + 3_600_000)
    house, report = House(pacer), SentReport()

    async def sleep(seconds: float) -> None:
        wall[0] += seconds * 1000

    day = DeskDay("test", TITLE, "the test", acts)
    people = Desk(day, "http://server", "http://intake", pacer, sleep, httpx.MockTransport(house))
    asyncio.run(people.play(report))
    return house, report


def test_each_act_waits_for_its_time_and_speaks_of_what_earlier_ones_were_answered() -> None:
    house, report = played(
        act(1, "/declare", keep={"number": "number"}, events={"cargo": 1}),
        act(30, "/sign/{number}"),
    )
    assert [path for path, _, _ in house.asked] == ["/declare", "/sign/7"]
    for (_, _, at), minute in zip(house.asked, (1, 30), strict=True):
        assert at == ms(NOON) + minute * 60_000, "what is done at a time is done at it"
    assert (report.requests, dict(report.events)) == (2, {"cargo": 1})


def test_what_an_act_speaks_of_is_waited_for() -> None:
    house, _ = played(act(0, "/alarms/{alarm}/acknowledge", find="/alarms", keep={"alarm": "id"}))
    assert house.looks == 3
    assert house.asked[0][0] == "/alarms/a7/acknowledge"


def test_a_refused_act_is_one_sentence() -> None:
    with pytest.raises(NotKept, match=r"desk: it is done: expected it to be taken, got 409: .*not now"):
        played(act(0, "/refused"), act(1, "/never"))


def test_what_never_comes_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "WAIT_S", 0.1)
    with pytest.raises(NotKept, match=r"expected an item at http://server/alarms within"):
        played(act(0, "/alarms/{alarm}/acknowledge", find="/alarms", keep={"alarm": "id"}))


def test_local_times_are_sent_as_ms_and_words_keep_their_type() -> None:
    body = {"start": NOON, "list": [{"at": NOON}], "n": "{number}", "text": "no {number}", "other": "{unknown}"}
    assert filled(body, {"number": 7}) == {
        "start": ms(NOON), "list": [{"at": ms(NOON)}], "n": 7, "text": "no 7", "other": "{unknown}",
    }  # fmt: skip


FILE = """
name = "x"
title = { zh = "某日", en = "a day" }
source = "the test"
[[acts]]
at = 2015-08-12T09:00:00
title = { zh = "甲", en = "one" }
path = "/one"
body = {}
keep = { number = "id" }
[[acts]]
at = 2015-08-12T09:30:00
title = { zh = "乙", en = "two" }
path = "/two/{number}"
body = {}
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            FILE.replace("09:30", "08:30"),
            r"acts\[1\]\.at: expected no time before the act above it, got 2015-08-12 08:30",
        ),
        (FILE.replace("{number}", "{no}"), r"acts\[1\]: expected words that an act above it keeps, got \['no'\]"),
        (FILE.replace('path = "/one"', ""), r"x\.toml: .*missing required field `path` - at `\$\.acts\[0\]`"),
        (FILE.replace("name =", "nam ="), r"x\.toml: .*`nam`"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, wrong: str, said: str) -> None:
    (tmp_path / "x.toml").write_text(FILE, encoding="utf-8")
    assert len(load_desk_day("x", tmp_path).acts) == 2
    (tmp_path / "x.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load_desk_day("x", tmp_path)


def test_the_shipped_day_lies_within_the_played_one() -> None:
    day = load_desk_day()
    assert len(day.acts) > 20
    assert day.acts[0].at >= dt.datetime(2015, 8, 12, 7)
    assert day.acts[-1].at < dt.datetime(2015, 8, 12, 23)


async def test_an_act_after_a_long_pause_does_not_use_a_connection_that_the_server_is_closing() -> None:
    """The server answers once on a connection and resets it when it is used again, as a server that was just closing
    the idle one does.
    """
    taken: list[bytes] = []
    gone: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        taken.append(head.split()[1])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        await reader.readexactly(len(b'{"who":"somebody"}'))
        await reader.read(1)
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        gone.append(taken[-1])

    server = await asyncio.start_server(serve, "127.0.0.1")
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    wall = [0.0]
    pacer = Pacer(CityClock(ms(NOON), 0.0, [Leg(1000.0, ms(NOON) + 3_600_000)]), lambda: wall[0])
    pacer.kept(ms(NOON) + 3_600_000)

    async def sleep(seconds: float) -> None:
        wall[0] += seconds * 1000
        await asyncio.sleep(0)

    day = DeskDay("test", TITLE, "the test", (act(1, "/one"), act(50, "/two")))
    async with server:
        await Desk(day, base, base, pacer, sleep).play(SentReport())
        await until(lambda: len(gone) == 2)
    assert taken == [b"/one", b"/two"]
