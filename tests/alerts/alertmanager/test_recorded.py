"""Exchanges recorded between Grafana 9.3 and amtool on one side and Alertmanager 0.25 on the other, against us."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from alerts.alertmanager.moments import read_moment
from tests.alerts.alertmanager.parts import HOUR, alertmanager, client
from tests.alerts.city_parts import House
from tests.made_stores import made_store

RECORDED = Path(__file__).parent / "recorded" / "grafana-9.3-alertmanager-0.25.jsonl"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What is ours to say, or differs with the moment.
FREE = {"startsAt", "endsAt", "updatedAt", "receivers", "receiver", "uptime", "versionInfo", "config", "cluster"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, once of each kind."""
    if request.param == "sqlite":
        return made_store(tmp_path)
    return str(request.getfixturevalue("postgresql").made_store())


def agrees(ours: Any, theirs: Any, where: str = "$") -> list[str]:
    """Where our answer lacks or changes something of theirs; what we say beyond it is nobody's harm."""
    if isinstance(theirs, dict):
        if not isinstance(ours, dict):
            return [f"{where}: expected an object, got {ours!r}"]
        wrong = [f"{where}.{key}: expected it, got nothing" for key in theirs if key not in ours]
        return wrong + [
            problem
            for key in theirs
            if key in ours and key not in FREE
            for problem in agrees(ours[key], theirs[key], f"{where}.{key}")
        ]
    if isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return [f"{where}: expected {len(theirs)} items, got {ours!r}"]
        return [
            each for n, pair in enumerate(zip(ours, theirs, strict=True)) for each in agrees(*pair, f"{where}[{n}]")
        ]
    if isinstance(theirs, str) and UUID.fullmatch(theirs):
        return [] if isinstance(ours, str) and UUID.fullmatch(ours) else [f"{where}: expected an id, got {ours!r}"]
    return [] if ours == theirs else [f"{where}: expected {theirs!r}, got {ours!r}"]


async def test_every_recorded_exchange_goes_with_us_as_it_went_with_alertmanager(house: House) -> None:
    began = read_moment("2026-11-23T23:39:35.918Z")
    assert began is not None
    house.clock.now_ms = began
    parts = alertmanager(house, longest_silence_ms=24 * HOUR)
    renamed: dict[str, str] = {}
    wrong: list[str] = []
    async with client(parts) as am:
        for line in RECORDED.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
            asked, theirs = exchange["request"], exchange["response"]
            house.clock.now_ms += 20
            path, name = asked["path"], f"{asked['method']} {asked['path']}"
            for old, new in renamed.items():
                path = path.replace(old, new)
            headers = {"content-type": asked["content_type"]} if "content_type" in asked else {}
            ours = await am.request(asked["method"], path, content=asked.get("body"), headers=headers)
            if ours.status_code != theirs["status"]:
                wrong.append(f"{name}: expected {theirs['status']}, got {ours.status_code} {ours.text}")
            elif "json" in theirs.get("content_type", ""):
                body = json.loads(theirs["body"])
                wrong += [f"{name}: {each}" for each in agrees(ours.json(), body)]
                if isinstance(body, dict) and "silenceID" in body:
                    renamed[body["silenceID"]] = ours.json()["silenceID"]
    assert wrong == []
    assert len(renamed) == 2


def test_a_missing_a_changed_and_a_shortened_answer_are_found() -> None:
    assert agrees({"a": 1}, {"a": 1, "b": 2}) == ["$.b: expected it, got nothing"]
    assert agrees({"a": 1}, {"a": 2}) == ["$.a: expected 2, got 1"]
    assert agrees([], [1]) == ["$: expected 1 items, got []"]
