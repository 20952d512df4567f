"""Alertmanager: its own program says that an alarm fires, changes its level and ends."""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.sinks.alertmanager import LASTS_S, AlertmanagerSink, to_alerts
from tests.alerts.sinks.mail_server import free_port
from tests.alerts.warnings.test_cap import statement
from tests.patience import at_last
from topics.errors import DeliveryError

CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
DEADLINE_S = 30.0
NOW = 1_700_000_000.0


def test_an_alarm_that_lasts_ends_far_ahead_and_one_that_is_over_ends_now() -> None:
    (lasting,) = to_alerts(statement(), NOW)
    assert lasting["startsAt"] == "2015-08-12T14:00:00.000+00:00"
    assert lasting["endsAt"] == "2023-11-21T22:13:20.000+00:00"
    assert LASTS_S == 7 * 86_400
    for ended in (statement(over=True), statement(msg_type="Cancel")):
        assert to_alerts(ended, NOW)[0]["endsAt"] == "2023-11-14T22:13:20.000+00:00"


def test_a_change_of_level_ends_the_alert_of_the_level_before() -> None:
    now, before = to_alerts(statement(previous_level="yellow"), NOW)
    assert (now["labels"]["severity"], before["labels"]["severity"]) == ("red", "yellow")
    assert before["endsAt"] == "2023-11-14T22:13:20.000+00:00"
    assert len(to_alerts(statement(previous_level="red"), NOW)) == 1


async def test_without_an_address_it_is_dead_with_the_name_of_the_setting() -> None:
    with pytest.raises(DeliveryError, match="CITYBRAIN_ALERTMANAGER_URL") as dead:
        await AlertmanagerSink("").deliver(statement())
    assert not dead.value.retriable


@pytest.fixture
def alertmanager(program: Callable[[str], str], tmp_path: Path) -> Iterator[str]:
    """The URL of Alertmanager's own program."""
    config, port = tmp_path / "alertmanager.yml", free_port()
    config.write_text(CONFIG)
    words = [
        program("prometheus-alertmanager"),
        f"--config.file={config}",
        f"--storage.path={tmp_path / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    def answers() -> bool:
        assert process.poll() is None, "Alertmanager ended by itself"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{url}/-/ready").is_success
        return False

    at_last(answers, "Alertmanager is ready", within_s=DEADLINE_S)


async def firing(url: str) -> list[dict[str, Any]]:
    """What Alertmanager says fires."""
    async with httpx.AsyncClient() as client:
        answer: list[dict[str, Any]] = (await client.get(f"{url}/api/v2/alerts")).json()
    return answer


@pytest.mark.kafka
async def test_alertmanagers_own_program_follows_the_alarm_to_its_end(alertmanager: str) -> None:
    sink = AlertmanagerSink(alertmanager)
    await sink.deliver(statement(level="yellow"))
    (alert,) = await firing(alertmanager)
    assert alert["status"]["state"] in ("active", "unprocessed")
    assert alert["labels"]["severity"] == "yellow" and alert["labels"]["authority"] == "emergency-bureau"
    assert alert["annotations"]["summary"] == "发布红色预警 / red warning"
    await sink.deliver(statement(identifier="n-2", level="red", previous_level="yellow"))
    await sink.deliver(statement(identifier="n-2", level="red", previous_level="yellow"))
    assert [each["labels"]["severity"] for each in await firing(alertmanager)] == ["red"]
    await sink.deliver(statement(identifier="n-3", level="red", previous_level="red", over=True))
    assert await firing(alertmanager) == []
    await sink.close()


@pytest.mark.kafka
async def test_what_alertmanager_refuses_is_dead(alertmanager: str) -> None:
    sink = AlertmanagerSink(f"{alertmanager}/nowhere")
    with pytest.raises(DeliveryError, match="answered 404") as dead:
        await sink.deliver(statement())
    assert not dead.value.retriable
    await sink.close()
