"""The same posts to Alertmanager 0.25 and to us, and then the same questions: the answers must agree."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.alertmanager.receivers import as_configuration
from tests.alerts.alertmanager.parts import HOUR, alert, listening, silence, wall_now
from tests.alerts.alertmanager.programs import live, real_alertmanager
from tests.alerts.city_parts import House
from tests.patience import at_last

pytestmark = pytest.mark.kafka

MINUTE = 60_000

ALERTS = [
    {"alertname": "InstanceDown", "instance": "gw-1:8401", "job": "gateway", "severity": "critical"},
    {"alertname": "InstanceDown", "instance": "gw-2:8401", "job": "gateway", "severity": "critical"},
    {"alertname": "DiskFull", "instance": "db-1", "device": "sda", "severity": "warning"},
    {"alertname": "DiskFull", "instance": "db-1", "device": "sdb", "severity": "warning"},
    {"alertname": "罐区", "site": "tank farm 1", "note": 'quote " and \\ and \n'},
    {"alertname": "Empty", "severity": "", "kept": "x"},
]

FILTERS: list[list[str]] = [
    [],
    ["alertname=InstanceDown"],
    ["alertname!=InstanceDown"],
    ['alertname=~"Instance.*|Disk"'],
    ['alertname=~"Instance"'],
    ["alertname!~Disk.*"],
    ['alertname="罐区"'],
    ["severity="],
    ["severity!="],
    ['severity=~""'],
    ['severity!~""'],
    ['severity=~".+"', "instance=~db-.*"],
    ['note="quote \\" and \\\\ and \\n"'],
    ['note=~"quote(.|\\n)*"'],
    ['site="tank farm 1"'],
    [' site = "tank farm 1" '],
    ["nosuch=x"],
    ["nosuch!=x"],
    ["alertname"],
    [""],
    ["1a=x"],
    ['a="x'],
    ['a=x"y'],
    ["a=bad{"],
    ['a=~"("'],
]

#: Matchers of silences; each lasts an hour.
SILENCES = [
    [{"name": "device", "value": "sda", "isRegex": False, "isEqual": True}],
    [{"name": "instance", "value": "gw-.:8401", "isRegex": True}],
    [
        {"name": "severity", "value": "critical", "isRegex": False, "isEqual": False},
        {"name": "alertname", "value": "Empty|罐区", "isRegex": True, "isEqual": True},
    ],
    [{"name": "alertname", "value": "Disk", "isRegex": True}],
]

BAD_ALERTS = [
    "",
    "[]",
    "null",
    "[{}]",
    '[{"labels":{}}]',
    '[{"labels":{"a":""}}]',
    '[{"labels":{"1a":"x"}},{"labels":{"b":"x"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}]',
    '[{"labels":{"a":"x"},"annotations":{"1":"x"}}]',
]
UNREADABLE = ["x", "{}", '[{"labels":{"a":1}}]', '[{"labels":{"a":"x"},"startsAt":"x"}]']

WHENCE = {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2040-01-01T00:00:00Z", "createdBy": "x", "comment": "y"}
ONE = {"name": "a", "value": "b", "isRegex": False}
BAD_SILENCES: list[Any] = [
    {},
    WHENCE | {"matchers": []},
    WHENCE | {"matchers": [ONE | {"value": ""}]},
    WHENCE | {"matchers": [ONE | {"name": "1a"}]},
    WHENCE | {"matchers": [{"name": "a", "value": "b"}]},
    WHENCE | {"matchers": [ONE], "endsAt": "2020-01-01T00:00:00Z"},
    WHENCE | {"matchers": [ONE], "endsAt": "2021-01-01T00:00:00Z"},
    WHENCE | {"matchers": [ONE], "id": "237af2be-94e2-4faf-9d6c-10ceaa36757b"},
    WHENCE | {"matchers": [ONE], "id": "zz"},
]


@dataclass
class Both:
    """One client for each side; ``ids`` gives the silences of each side names that both know."""

    real: httpx.Client
    ours: httpx.Client
    ids: list[dict[str, str]]

    def sides(self) -> list[httpx.Client]:
        return [self.real, self.ours]

    def post(self, path: str, body: Any) -> list[Any]:
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"content-type": "application/json"}
        return [each.post(f"/api/v2/{path}", content=content, headers=headers) for each in self.sides()]

    def get(self, path: str, **query: Any) -> list[httpx.Response]:
        return [each.get(f"/api/v2/{path}", params=query) for each in self.sides()]

    def silence(self, name: str, matchers: list[Any], **more: Any) -> None:
        now = wall_now()
        body = silence(*matchers, starts=now, ends=now + HOUR) | more
        for side, answer in enumerate(self.post("silences", body)):
            assert answer.status_code == 200, answer.text
            self.ids[side][answer.json()["silenceID"]] = name

    def plain(self, side: int, value: Any) -> Any:
        """An answer without what is only one side's: receivers, moments of the server, names of silences."""
        if isinstance(value, list):
            return [self.plain(side, each) for each in value]
        if isinstance(value, dict):
            left = {"receivers", "receiver", "updatedAt", "mutedBy", "routeLabels"}
            left |= {"annotations"} if "createdBy" in value else set()
            plain = {key: self.plain(side, each) for key, each in value.items() if key not in left}
            if "silencedBy" in plain:
                plain["silencedBy"] = sorted(plain["silencedBy"])
            return plain
        return self.ids[side].get(value, value) if isinstance(value, str) else value

    def agree(self, path: str, **query: Any) -> Any:
        """Ask both; the answer if they agree."""
        real, ours = self.get(path, **query)
        what = f"{path} {query}: {real.text} / {ours.text}"
        assert ours.status_code == real.status_code, what
        if real.status_code != 200:
            same = _shorter(ours.json()) == _shorter(real.json())
            assert same, what
            return real.json()
        answers = [self.plain(side, each.json()) for side, each in enumerate((real, ours))]
        assert answers[1] == answers[0], what
        return answers[0]


def _shorter(said: Any) -> Any:
    """What RE2 has to say of an expression is worded otherwise in Go and in C++."""
    return said.partition("error parsing regexp")[0] if isinstance(said, str) else said


@pytest.fixture
def both(house: House, tmp_path: Path, program: Callable[[str], str]) -> Iterator[Both]:
    name = program("prometheus-alertmanager")
    parts = live(house)
    configuration = as_configuration(house.city, 300_000).replace("\n  group_by:", "\n  group_wait: 0s\n  group_by:")
    with (
        real_alertmanager(name, configuration, tmp_path) as address,
        listening(parts) as ours,
        httpx.Client(base_url=address) as real_client,
        httpx.Client(base_url=ours) as our_client,
    ):
        yield Both(real_client, our_client, [{}, {}])


def post_all(both: Both) -> None:
    start = wall_now() - MINUTE
    posted = [alert(labels, starts=start, ends=start + HOUR, annotations={"summary": "x"}) for labels in ALERTS]
    assert [answer.status_code for answer in both.post("alerts", posted)] == [200, 200]
    at_last(lambda: len(both.real.get("/api/v2/alerts/groups").json()) >= 4, "Alertmanager has made its groups")


def test_alerts_filters_states_and_silences_agree(both: Both) -> None:
    post_all(both)
    assert len(both.agree("alerts")) == len(ALERTS)
    for filters in FILTERS:
        for path in ("alerts", "alerts/groups"):
            both.agree(path, filter=filters)
        both.agree("silences", filter=filters)
    for number, matchers in enumerate(SILENCES):
        both.silence(f"silence {number}", matchers)
    silenced = both.agree("alerts", active="false")
    assert len(silenced) == 5, "all but one disk"
    for query in ({}, {"silenced": "false"}, {"active": "false"}, {"active": "maybe"}, {"inhibited": "0"}):
        both.agree("alerts", **query)
    for receiver in ("(", "nobody", ".*"):
        both.agree("alerts", receiver=receiver)
    for filters in (["device=sda"], ["instance=~gw-.:8401"], ["severity!=critical"], ["device=~sda"]):
        _agree_on_silences(both, filter=filters)
    _agree_on_silences(both)


def test_the_groups_are_the_same(both: Both) -> None:
    post_all(both)
    real, ours = both.get("alerts/groups")
    gathered = [[_group(each) for each in side.json()] for side in (real, ours)]
    assert gathered[1] == gathered[0]


def test_ends_and_repeats_agree(both: Both) -> None:
    post_all(both)
    now = wall_now()
    both.post("alerts", [alert(ALERTS[0], starts=now - MINUTE, ends=now - 1000), alert(ALERTS[1])])
    both.post("alerts", [alert(ALERTS[2], starts=now - 30_000, ends=now + 2 * HOUR)])
    both.post("alerts", [alert(ALERTS[3], starts=now - 30_000, ends=now + MINUTE)])
    left = both.agree("alerts", filter=["alertname!=InstanceDown"])
    assert len(left) == 4
    names = [[each["fingerprint"] for each in answer.json()] for answer in both.get("alerts")]
    assert names[0] == names[1] and len(names[0]) == len(ALERTS) - 1


def test_the_life_of_a_silence_agrees(both: Both) -> None:
    both.silence("first", SILENCES[0])
    (one,) = _agree_on_silences(both)
    assert one["status"] == {"state": "active"}
    names = [next(iter(ids)) for ids in both.ids]
    wanted = []
    for side, client in enumerate(both.sides()):
        stored = client.get(f"/api/v2/silence/{names[side]}").json()
        body = {key: stored[key] for key in ("id", "matchers", "startsAt", "createdBy", "comment")}
        wanted.append(body | {"endsAt": "2020-01-01T00:00:00Z", "comment": "later"})
    in_an_hour = silence("a=b", starts=wall_now(), ends=wall_now() + 2 * HOUR)["endsAt"]
    changes: list[tuple[dict[str, Any], bool]] = [
        ({"endsAt": in_an_hour}, True),
        ({"endsAt": in_an_hour, "matchers": SILENCES[3]}, False),
        ({"endsAt": in_an_hour}, False),
    ]
    for change, same in changes:
        kept = []
        for side, client in enumerate(both.sides()):
            answer = client.post("/api/v2/silences", json=wanted[side] | change)
            assert answer.status_code == 200, answer.text
            name = answer.json()["silenceID"]
            kept.append(name == names[side])
            both.ids[side].setdefault(name, f"silence {len(both.ids[side])}")
        assert kept == [same, same], change
        _agree_on_silences(both)
    for side, client in enumerate(both.sides()):
        for name in both.ids[side]:
            assert client.delete(f"/api/v2/silence/{name}").status_code == 200
            assert client.delete(f"/api/v2/silence/{name}").status_code == 200
    assert {each["status"]["state"] for each in _agree_on_silences(both)} == {"expired"}
    both.agree("silence/nosuch")
    assert [each.status_code for each in both.get("silence/237af2be-94e2-4faf-9d6c-10ceaa36757b")] == [404, 404]


def test_what_is_refused_is_refused_in_the_same_words(both: Both) -> None:
    for body in BAD_ALERTS:
        real, ours = both.post("alerts", body)
        assert (ours.status_code, _answer(ours)) == (real.status_code, _answer(real)), body
    for body in UNREADABLE:
        real, ours = both.post("alerts", body)
        assert (ours.status_code, ours.json()["code"]) == (real.status_code, real.json()["code"]), body
    for body in BAD_SILENCES:
        real, ours = both.post("silences", body)
        assert (ours.status_code, _answer(ours)) == (real.status_code, _answer(real)), body


def _answer(response: httpx.Response) -> Any:
    return response.json() if response.content else None


def _agree_on_silences(both: Both, **query: Any) -> list[Any]:
    """Both list the same silences in states that agree; moments set by the server may differ a little."""
    sides = []
    for side, answer in enumerate(both.get("silences", **query)):
        assert answer.status_code == 200
        plain = both.plain(side, answer.json())
        for each in plain:
            for moment in ("startsAt", "endsAt"):
                del each[moment]
        sides.append(sorted(plain, key=lambda one: json.dumps(one, sort_keys=True)))
    assert sides[1] == sides[0]
    return list(sides[0])


def _group(group: dict[str, Any]) -> tuple[Any, Any]:
    return group["labels"], [each["fingerprint"] for each in group["alerts"]]
