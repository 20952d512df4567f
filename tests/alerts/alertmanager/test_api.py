"""Alertmanager's API over the store: what is listed, how it is asked for, what is refused and in which words."""

from typing import Any

import httpx
import pytest

from alerts.alertmanager.labels import fingerprint
from alerts.alertmanager.parts import Alertmanager
from tests.alerts.alertmanager.parts import alert, shown
from tests.alerts.city_parts import MINUTE, T0, House, finding

DOWN = {"alertname": "InstanceDown", "instance": "gw-1:8401", "severity": "critical"}

OURS = {
    "alertname": "lel-limit",
    "district": "120116",
    "domain": "safety",
    "family": "limit",
    "quantity": "lel",
    "severity": "yellow",
    "site": "tank-farm-1",
}


async def names(am: httpx.AsyncClient, *filters: str, **query: Any) -> list[str]:
    return sorted(each["labels"]["alertname"] for each in await shown(am, *filters, **query))


async def test_an_open_alarm_of_ours_is_an_alert_with_everything_a_client_reads(
    am: httpx.AsyncClient, house: House
) -> None:
    (name,) = house.take(finding())
    (one,) = await shown(am)
    assert one["labels"] == OURS
    assert one["fingerprint"] == fingerprint(OURS)
    assert one["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
    assert one["annotations"]["summary_zh"] == "可燃气体超限（yellow）"
    assert one["annotations"]["summary_en"] == "flammable gas above its limit (yellow)"
    assert one["annotations"]["alarm"] == name and one["generatorURL"] == f"http://127.0.0.1/alarms/{name}"
    assert one["startsAt"] == "2015-08-12T14:00:00.000Z" and one["updatedAt"] >= one["startsAt"]
    assert one["receivers"] == [{"name": "emergency-bureau"}]


async def test_an_alarm_stays_on_the_list_until_somebody_has_answered_for_it(
    am: httpx.AsyncClient, house: House
) -> None:
    (name,) = house.take(finding())
    house.take(finding("close", 1, closed=T0 + MINUTE))
    (one,) = await shown(am)
    assert one["annotations"]["state"] == "returned-unacknowledged"
    house.desk.acknowledge(name, "wang", "")
    assert await shown(am) == []


async def test_an_alert_from_outside_keeps_its_labels_and_becomes_an_alarm(am: httpx.AsyncClient, house: House) -> None:
    now = house.clock.now_ms
    posted = alert(
        DOWN, starts=now - 1000, annotations={"summary": "gateway does not answer"}, generatorURL="http://p/g"
    )
    assert (await am.post("/api/v2/alerts", json=[posted])).status_code == 200
    (one,) = await shown(am)
    assert (one["labels"], one["fingerprint"]) == (DOWN, fingerprint(DOWN))
    assert (one["annotations"], one["generatorURL"]) == (posted["annotations"], "http://p/g")
    assert one["receivers"] == [{"name": "system-operations"}]
    ((domain, site, quantity, severity, state, text),) = house.rows(
        "SELECT domain, site, quantity, severity, state, text_en FROM alarm"
    )
    assert (domain, site, quantity, severity, state) == (
        "external", "gw-1:8401", "InstanceDown", "orange", "unacknowledged",
    )  # fmt: skip
    assert text == "InstanceDown: gateway does not answer"
    assert house.rows("SELECT recipient, channel FROM delivery") == [("system-operations", "folder")]


async def test_repeats_change_nothing_and_the_end_returns_the_alarm(am: httpx.AsyncClient, house: House) -> None:
    start = house.clock.now_ms
    for minute in range(3):
        house.clock.now_ms = start + minute * MINUTE
        await am.post("/api/v2/alerts", json=[alert(DOWN, starts=start, ends=house.clock.now_ms + 4 * MINUTE)])
    assert house.rows("SELECT count(*) FROM finding") == [(1,)]
    await am.post("/api/v2/alerts", json=[alert(DOWN, starts=start, ends=start + 90_000)])
    assert await shown(am) == []
    assert house.rows("SELECT state, returned FROM alarm") == [("returned-unacknowledged", start + 90_000)]


async def test_what_is_not_heard_of_any_more_is_over_after_five_minutes(
    am: httpx.AsyncClient, parts: Alertmanager, house: House
) -> None:
    start = house.clock.now_ms
    await am.post("/api/v2/alerts", json=[alert(DOWN)])
    house.clock.now_ms = start + 5 * MINUTE - 1
    assert parts.external.lapse().stored == 0
    house.clock.now_ms += 1
    assert await shown(am) == [], "even before anybody has looked"
    assert parts.external.lapse().stored == 1 and parts.external.lapse().stored == 0
    assert house.rows("SELECT state, returned FROM alarm") == [("returned-unacknowledged", start + 5 * MINUTE)]


async def test_alerts_of_one_name_and_site_share_an_alarm_with_the_worst_severity(
    am: httpx.AsyncClient, house: House
) -> None:
    both = [DOWN | {"severity": severity, "device": severity} for severity in ("warning", "critical")]
    await am.post("/api/v2/alerts", json=[alert(labels) for labels in both])
    assert len(await shown(am)) == 2
    assert house.rows("SELECT severity FROM alarm") == [("orange",)]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("critical", "orange"),
        ("Warning", "yellow"),
        ("red", "red"),
        ("info", "blue"),
        ("urgent!", "yellow"),
        ("", "yellow"),
    ],
)
async def test_severities_are_translated_by_the_pack_and_what_it_does_not_know_has_its_default(
    am: httpx.AsyncClient, house: House, word: str, code: str
) -> None:
    await am.post("/api/v2/alerts", json=[alert({"alertname": "X", "severity": word})])
    assert house.rows("SELECT severity FROM alarm") == [(code,)]


YAML = """
- annotations:
    summary: disk full
  endsat: "0001-01-01T00:00:00.000Z"
  startsat: 2023-11-14T22:00:00.000Z
  alert:
    generatorurl: http://grafana/x
    labels:
      alertname: Disk
"""


@pytest.mark.parametrize("kind", ["", "application/yaml"])
async def test_grafanas_proxy_posts_yaml_and_names_no_type(am: httpx.AsyncClient, kind: str) -> None:
    answer = await am.post("/api/v2/alerts", content=YAML, headers={"content-type": kind} if kind else {})
    assert (answer.status_code, answer.content) == (200, b"")
    (one,) = await shown(am)
    assert one["labels"] == {"alertname": "Disk"}
    assert (one["startsAt"], one["generatorURL"]) == ("2023-11-14T22:00:00.000Z", "http://grafana/x")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("", 422, {"code": 602, "message": "alerts in body is required"}),
        ("[{}]", 422, {"code": 602, "message": "0.labels in body is required"}),
        ('[{"labels":{}}]', 400, "at least one label pair required"),
        ('[{"labels":{"a":""}}]', 400, "at least one label pair required"),
        ('[{"labels":{"1a":"x"}}]', 400, 'invalid label set: invalid name "1a"'),
        ('[{"labels":{"a":"x"},"annotations":{"1":"x"}}]', 400, 'invalid annotations: invalid name "1"'),
        (
            '[{"labels":{"a":"x"},"startsAt":"2026-01-02T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}]',
            400,
            "start time must be before end time",
        ),
        (
            '[{"labels":{"a":"x"},"startsAt":"1971-01-02T00:00:00Z"}]',
            400,
            "start time: expected a moment between 2000 and 2100, got 31622400000 ms",
        ),
    ],
)
async def test_refusals_are_alertmanagers(am: httpx.AsyncClient, body: str, status: int, said: Any) -> None:
    answer = await am.post("/api/v2/alerts", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (status, said)


@pytest.mark.parametrize(
    "body", ["x", "{}", '[{"labels":{"a":1}}]', '[{"labels":{"a":"x"},"startsAt":"x"}]', "[null]", "[" * 10_000]
)
async def test_what_is_no_list_of_alerts_is_refused_whole(am: httpx.AsyncClient, body: str) -> None:
    answer = await am.post("/api/v2/alerts", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and answer.json()["code"] == 400
    assert "parsing alerts body" in answer.json()["message"]


async def test_a_bad_alert_is_named_and_does_not_take_the_good_ones_with_it(am: httpx.AsyncClient) -> None:
    answer = await am.post("/api/v2/alerts", json=[alert({"1a": "x"}), alert(DOWN), alert({})])
    assert answer.status_code == 400
    assert answer.json() == 'invalid label set: invalid name "1a"; at least one label pair required'
    assert await names(am) == ["InstanceDown"]


async def test_types_that_are_neither_are_refused(am: httpx.AsyncClient) -> None:
    answer = await am.post("/api/v2/alerts", content="[]", headers={"content-type": "text/plain"})
    assert answer.status_code == 415 and answer.json()["code"] == 415


async def test_alerts_are_chosen_by_matchers_receiver_and_state(am: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    await am.post("/api/v2/alerts", json=[alert(DOWN)])
    assert await names(am) == ["InstanceDown", "lel-limit"]
    assert await names(am, "site=tank-farm-1") == ["lel-limit"]
    assert await names(am, 'severity=~"yellow|critical"', "site=") == ["InstanceDown"]
    assert await names(am, receiver="emergency.*") == ["lel-limit"]
    assert await names(am, receiver="emergency") == [], "an expression must match the whole name"
    assert await names(am, active="false") == []
    assert await names(am, active="nonsense") == [], "whatever is not true is false"
    for query, said in (
        ({"filter": "a"}, "bad matcher format: a"),
        ({"filter": ""}, "bad matcher format: "),
        ({"filter": 'a=~"("'}, "error parsing regexp: "),
        ({"receiver": "("}, "failed to parse receiver param: error parsing regexp: "),
    ):
        for path in ("alerts", "alerts/groups"):
            answer = await am.get(f"/api/v2/{path}", params=query)
            assert answer.status_code == 400 and answer.json().startswith(said)


async def test_groups_gather_by_receiver_name_and_site(am: httpx.AsyncClient, house: House) -> None:
    house.take(finding(severity="red"))
    await am.post("/api/v2/alerts", json=[alert(DOWN), alert(DOWN | {"job": "x"})])
    groups = (await am.get("/api/v2/alerts/groups")).json()
    assert [(each["labels"], each["receiver"]["name"], len(each["alerts"])) for each in groups] == [
        ({"alertname": "InstanceDown"}, "system-operations", 2),
        ({"alertname": "lel-limit", "site": "tank-farm-1"}, "emergency-bureau", 1),
        ({"alertname": "lel-limit", "site": "tank-farm-1"}, "fire-brigade", 1),
    ]
    assert all(each["routeLabels"] == {} for each in groups)


async def test_status_has_all_that_grafana_asks_and_receivers_are_the_authorities(am: httpx.AsyncClient) -> None:
    status = (await am.get("/api/v2/status")).json()
    assert status["cluster"]["status"] == "disabled"
    assert set(status["versionInfo"]) == {"branch", "buildDate", "buildUser", "goVersion", "revision", "version"}
    assert 'severity=~"red|orange|yellow"' in status["config"]["original"]
    receivers = [each["name"] for each in (await am.get("/api/v2/receivers")).json()]
    assert receivers == ["duty-desk", "emergency-bureau", "fire-brigade", "system-operations"]
    assert (await am.get("/alertmanager/api/v2/status")).status_code == 404


async def test_a_body_without_end_is_not_read(am: httpx.AsyncClient) -> None:
    answer = await am.post("/api/v2/alerts", content=b" " * (9 << 20), headers={"content-type": "application/json"})
    assert answer.status_code == 413
