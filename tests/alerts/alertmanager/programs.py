"""Real programs beside us: Debian's Alertmanager and Prometheus, each started on a free port and ended again."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx

from alerts.alertmanager.parts import Alertmanager, Rules, alertmanager_over
from tests.alerts.alertmanager.parts import wall_now
from tests.alerts.city_parts import SENDER, House
from tests.patience import WITHIN_S, at_last


def live(house: House) -> Alertmanager:
    """Our parts with this machine's own clock, which other programs go by too."""
    parts = alertmanager_over(house.store, house.city, sender=SENDER, wall_ms=wall_now, rules=Rules())
    house.city.put(parts.external.pack.domain)
    return parts


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], ready: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program from when ``ready`` answers 200 until the end of the block; its output goes to a file."""
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)
        try:
            at_last(lambda: process.poll() is not None or _answers(ready), f"{command[0]} answers at {ready}")
            assert process.poll() is None, (folder / "output.txt").read_text(encoding="utf-8", errors="replace")
            yield process
        finally:
            process.terminate()
            process.wait(WITHIN_S)


@contextlib.contextmanager
def real_alertmanager(program: str, configuration: str, folder: Path) -> Iterator[str]:
    """Alertmanager with this configuration; gives its address."""
    (folder / "alertmanager.yml").write_text(configuration, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [program, "--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="]
    with running([*command, f"--web.listen-address={address}"], f"http://{address}/-/ready", folder):
        yield f"http://{address}"


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url, timeout=1).status_code == 200
    return False
