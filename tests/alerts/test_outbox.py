"""The outbox and its ledger: everything owed is delivered, in the right order, and a crash loses nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from alerts.ledger import Ledger, Tried
from alerts.ledger.verify import verify
from alerts.outbox import LONGEST_WAIT_MS, Outbox, wait_ms
from alerts.sinks import Receipt, Sink
from alerts.warnings.statement import Statement
from streams.bureau import Bureau
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from tests.made_stores import made_store
from topics.domain import Route
from topics.errors import DeliveryError
from topics.finding import Text

DEADLINE_S = 60.0


class ScriptedSink(Sink):
    """Answers each delivery with the next item of ``script`` (an error is raised), then always signs."""

    def __init__(self, *script: Exception | Receipt) -> None:
        self.script = list(script)
        self.delivered: list[Statement] = []

    async def deliver(self, said: Statement) -> Receipt:
        self.delivered.append(said)
        item = self.script.pop(0) if self.script else Receipt(200, "officer", T0, "ack")
        if isinstance(item, Exception):
            raise item
        return item


async def run_until(house: House, sink: Sink, done: Callable[[Tried], bool]) -> list[Tried]:
    """Run the outbox until an outcome ends it; the wall clock leaps over every wait."""
    outcomes: list[Tried] = []
    ended = asyncio.Event()

    def on_tried(outcome: Tried) -> None:
        outcomes.append(outcome)
        house.clock.now_ms += LONGEST_WAIT_MS * 2
        outbox.wake()
        if done(outcome):
            ended.set()

    outbox = Outbox(Ledger(house.store), {"cap": sink}, house.clock, on_tried)
    running = asyncio.create_task(outbox.run())
    try:
        await asyncio.wait_for(ended.wait(), DEADLINE_S)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return outcomes


async def run_all(house: House, sink: Sink) -> list[Tried]:
    """Run until nothing is owed."""
    return await run_until(house, sink, lambda _: not owed(house))


def owed(house: House) -> bool:
    return house.rows("SELECT count(*) FROM delivery WHERE status IN ('pending', 'retrying')") != [(0,)]


async def test_a_failure_that_may_pass_is_tried_again_until_signed_for(house: House) -> None:
    house.take(finding())
    gone = DeliveryError("away", retriable=True, status=503)
    outcomes = await run_all(house, ScriptedSink(gone, gone, gone))
    assert [outcome.status for outcome in outcomes] == ["retrying"] * 3 + ["signed-for"]
    (row,) = house.rows("SELECT status, attempts, http_status, signed_for_by, signed_for_at, error FROM delivery")
    assert row == ("signed-for", 4, 200, "officer", T0, "")
    assert house.rows("SELECT action, who FROM alarm_log ORDER BY id DESC LIMIT 1") == [("signed-for", "officer")]


async def test_a_refusal_is_dead_and_listed_and_can_be_tried_again_by_hand(house: House) -> None:
    house.take(finding())
    sink = ScriptedSink(DeliveryError("no such area", retriable=False, status=422))
    await run_all(house, sink)
    ledger = Ledger(house.store)
    (dead,) = ledger.listed("dead", 10)
    assert (dead["http_status"], dead["error"], dead["attempts"]) == (422, "no such area", 1)
    assert house.rows("SELECT action, note FROM alarm_log ORDER BY id DESC LIMIT 1") == [
        ("delivery-dead", "no such area")
    ]
    assert ledger.revive(dead["id"]) and not ledger.revive(dead["id"])
    await run_all(house, sink)
    assert [row["attempts"] for row in ledger.listed("signed-for", 10)] == [2]


async def test_red_goes_before_all_others(house: House) -> None:
    names = ["blue", "red", "yellow", "red", "orange"]
    house.city.put(domain(routes=(Route("bureau", Text("局", "bureau"), "blue"),)))
    house.take(*(finding(severity=name, quantity=f"q{n}", subject=f"s{n}") for n, name in enumerate(names)))
    due = Ledger(house.store).due(house.clock.now_ms, 10)
    assert [each.said.level for each in due] == ["red", "red", "orange", "yellow", "blue"]


async def test_an_update_waits_for_its_alert_even_if_it_is_worse(house: House) -> None:
    house.take(finding(severity="yellow"), finding("update", 1, severity="red"))
    ledger = Ledger(house.store)
    told = {each.said.authority: each.said.msg_type for each in ledger.due(house.clock.now_ms, 10)}
    assert told == {"emergency-bureau": "Alert", "fire-brigade": "Alert"}
    sink = ScriptedSink(DeliveryError("away", retriable=True), DeliveryError("away", retriable=True))
    await run_all(house, sink)
    chain = [said.msg_type for said in sink.delivered if said.authority == "emergency-bureau"]
    assert chain == ["Alert", "Alert", "Update"]


async def test_a_sink_that_breaks_does_not_stop_the_others_and_is_tried_again(house: House) -> None:
    house.take(finding(), finding(quantity="other", subject="other"))
    outcomes = await run_all(house, ScriptedSink(ZeroDivisionError("a bug")))
    assert sorted(outcome.status for outcome in outcomes) == ["retrying", "signed-for", "signed-for"]


async def test_a_channel_that_does_not_exist_is_dead_with_a_clear_text(house: House) -> None:
    house.city.put(domain(routes=(Route("bureau", Text("局", "bureau"), "blue", channels=("pigeon",)),)))
    house.take(finding())
    await run_all(house, ScriptedSink())
    (dead,) = Ledger(house.store).listed("dead", 10)
    assert dead["error"] == "channel: expected one of cap, got 'pigeon'"


async def test_taken_without_signature_is_delivered_not_signed_for(house: House) -> None:
    house.take(finding())
    await run_all(house, ScriptedSink(Receipt(202)))
    assert house.rows("SELECT status, signed_for_by FROM delivery") == [("delivered", None)]


async def test_what_is_due_later_is_left_alone_until_then(house: House) -> None:
    house.take(finding())
    ledger = Ledger(house.store)
    (due,) = ledger.due(house.clock.now_ms, 10)
    now = house.clock.now_ms
    ledger.record([Tried(due, now, why="away", next_try=now + 1000)])
    assert ledger.due(house.clock.now_ms + 999, 10) == []
    assert [each.attempts for each in ledger.due(house.clock.now_ms + 1000, 10)] == [1]
    assert ledger.due(house.clock.now_ms + 1000, 10, {due.id}) == []


async def test_a_recipient_that_asks_for_time_is_left_alone_that_long(house: House) -> None:
    house.take(finding())
    now = house.clock.now_ms
    busy = DeliveryError("busy", retriable=True, status=429, retry_after_s=120)
    (first,) = await run_until(house, ScriptedSink(busy), lambda _: True)
    assert first.next_try == now + 120_000


async def test_every_try_is_on_record_with_its_answer_and_in_the_chain(house: House) -> None:
    house.take(finding())
    await run_all(house, ScriptedSink(DeliveryError("away", retriable=True, status=503)))
    tries = house.rows("SELECT number, status, http_status, error, signed_for_by FROM delivery_try ORDER BY id")
    assert tries == [(1, "retrying", 503, "away", None), (2, "signed-for", 200, "", "officer")]
    with house.store.read() as connection:
        assert verify(connection).broken == []


async def test_what_began_and_ended_while_the_channel_was_out_is_still_told_as_such(house: House) -> None:
    house.take(finding())
    out = [DeliveryError("out of order", retriable=True, status=503)] * 3
    sink = ScriptedSink(*out)
    await run_until(house, sink, lambda tried: len(sink.delivered) == 3)
    house.take(finding("close", 1, closed=T0 + 4 * MINUTE))
    await run_all(house, sink)
    alert, over = sink.delivered[-2:]
    assert (alert.msg_type, over.msg_type, over.response_type) == ("Alert", "Update", "AllClear")
    assert "it began and ended before any message of it was delivered" in over.description.en
    assert alert == sink.delivered[0], "a repeat bears the same name and the same text"


async def test_it_ends_at_whatever_moment_it_is_told_to(house: House) -> None:
    """A cancellation that is swallowed leaves a server that never ends."""
    outbox = Outbox(Ledger(house.store), {}, house.clock, lambda _: None)
    for steps in range(10):
        other = asyncio.create_task(asyncio.sleep(0))
        waiting = asyncio.create_task(outbox._until_something([other]))
        for _ in range(steps):
            await asyncio.sleep(0)
        told_in_time = not waiting.done() and waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled() == told_in_time, f"after {steps} steps"


def test_waits_double_up_to_a_bound_and_are_spread() -> None:
    waits = [wait_ms(1, attempts) for attempts in range(1, 40)]
    assert 400 <= waits[0] <= 600 and 800 <= waits[1] <= 1200
    assert max(waits) <= LONGEST_WAIT_MS * 1.2 and waits[-1] >= LONGEST_WAIT_MS * 0.8
    assert len({wait_ms(number, 3) for number in range(20)}) > 10


DELIVERER = """
import asyncio, sys, time
from pathlib import Path
from alerts.ledger import Ledger
from alerts.outbox import Outbox
from alerts.sinks import Addresses, open_sinks
from alerts.store import Store

async def main() -> None:
    sinks = open_sinks(Addresses(sys.argv[2], Path(sys.argv[3])))
    done = lambda outcome: print(outcome.status, flush=True)
    await Outbox(Ledger(Store(sys.argv[1])), sinks, lambda: time.time_ns() // 1_000_000, done).run()

asyncio.run(main())
"""


def test_killed_at_any_moment_the_outbox_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    url = made_store(tmp_path)
    house = House(url)
    house.clock.now_ms = 0
    count = 24
    house.take(*(finding(quantity=f"q{number}", subject=f"s{number}") for number in range(count)))
    house.take(*(finding("close", 1, quantity=f"q{n}", subject=f"s{n}", closed=T0 + MINUTE) for n in range(count)))
    with Bureau() as bureau:
        kills = 0
        while owed(house):
            assert kills < 100, "the outbox makes no headway"
            _deliver_and_kill(url, bureau.url, tmp_path, after=3 + 4 * kills)
            kills += 1
        report = bureau.register.report()
    assert kills > 2, "the outbox was never killed in the midst of its work"
    assert (report["unique"], report["refused"], report["unknown_references"]) == (2 * count, 0, 0)
    assert report["posts"] == report["unique"] + report["repeats"]
    identifiers = {row[0] for row in house.rows("SELECT identifier FROM warning")}
    assert {message["identifier"] for message in report["messages"]} == identifiers
    assert house.rows("SELECT DISTINCT status FROM delivery") == [("signed-for",)]
    with house.store.read() as connection:
        assert verify(connection).broken == [], "no kill leaves a gap in the chain"
    house.store.close()


def _deliver_and_kill(url: str, bureau: str, folder: Path, after: int) -> None:
    """Run the outbox in a process of its own and kill it after so many outcomes (or when it has no more work)."""
    words = [sys.executable, "-c", DELIVERER, url, bureau, str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    ledger = House(url)
    try:
        for _ in range(after):
            assert process.stdout.readline(), "the outbox ended by itself"
            if not owed(ledger):
                break
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
        process.stdout.close()
        ledger.store.close()
