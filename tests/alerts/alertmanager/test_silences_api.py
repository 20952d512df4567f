"""Silences by Alertmanager's API: what they do to alerts, how they are written and ended, which are refused."""

from typing import Any

import httpx
import pytest

from tests.alerts.alertmanager.parts import HOUR, shown, silence
from tests.alerts.city_parts import House, finding


async def silenced(am: httpx.AsyncClient, house: House, *matchers: Any, **more: Any) -> str:
    now = house.clock.now_ms
    answer = await am.post("/api/v2/silences", json=silence(*matchers, starts=now, ends=now + HOUR, **more))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["silenceID"])


async def test_a_silenced_alert_is_suppressed_and_names_its_silence(am: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    name = await silenced(am, house, "site=tank-farm-1")
    (one,) = await shown(am)
    assert (one["status"]["state"], one["status"]["silencedBy"]) == ("suppressed", [name])
    assert await shown(am, silenced="false") == []
    assert (await am.delete(f"/api/v2/silence/{name}")).status_code == 200
    (one,) = await shown(am)
    assert (one["status"]["state"], one["status"]["silencedBy"]) == ("active", [])


async def test_silences_are_written_read_changed_and_ended(am: httpx.AsyncClient, house: House) -> None:
    name = await silenced(am, house, "site=tank-farm-1", "severity=yellow")
    (one,) = (await am.get("/api/v2/silences")).json()
    assert one == (await am.get(f"/api/v2/silence/{name}")).json()
    assert (one["id"], one["status"], one["createdBy"]) == (name, {"state": "active"}, "wang")
    assert one["matchers"][0] == {"name": "site", "value": "tank-farm-1", "isRegex": False, "isEqual": True}
    longer = {key: value for key, value in one.items() if key not in ("status", "updatedAt")} | {"comment": "longer"}
    assert (await am.post("/api/v2/silences", json=longer)).json() == {"silenceID": name}
    other = longer | {"matchers": one["matchers"][:1]}
    new = (await am.post("/api/v2/silences", json=other)).json()["silenceID"]
    assert new != name
    listed = (await am.get("/api/v2/silences")).json()
    assert [(each["id"], each["status"]["state"]) for each in listed] == [(new, "active"), (name, "expired")]
    for filters, count in ((["site=tank-farm-1"], 2), (["severity=yellow"], 1), (["site=~tank-farm-1"], 0)):
        found = await am.get("/api/v2/silences", params={"filter": filters})
        assert len(found.json()) == count


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"matchers": []}, 422, {"code": 612, "message": "matchers in body should have at least 1 items"}),
        ({"comment": None}, 422, {"code": 602, "message": "comment in body is required"}),
        (
            {"matchers": [{"name": "a", "value": "b"}]},
            422,
            {"code": 602, "message": "matchers.0.isRegex in body is required"},
        ),
        (
            {"matchers": [{"name": "a", "value": "", "isRegex": False}]},
            400,
            "silence invalid: at least one matcher must not match the empty string",
        ),
        (
            {"matchers": [{"name": "1a", "value": "b", "isRegex": False}]},
            400,
            'silence invalid: invalid label matcher 0: invalid label name "1a"',
        ),
        ({"endsAt": "2020-01-01T00:00:00Z"}, 400, "Failed to create silence: start time must be before end time"),
        (
            {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T00:00:00Z"},
            400,
            "Failed to create silence: end time can't be in the past",
        ),
        ({"id": "237af2be-94e2-4faf-9d6c-10ceaa36757b"}, 404, "silence not found"),
        ({"id": "zz"}, 404, "silence not found"),
    ],
)
async def test_refused_silences(am: httpx.AsyncClient, house: House, change: Any, status: int, said: Any) -> None:
    now = house.clock.now_ms
    body = silence("site=x", starts=now, ends=now + HOUR) | change
    answer = await am.post("/api/v2/silences", json=body)
    assert (answer.status_code, answer.json()) == (status, said)
    assert (await am.get("/api/v2/silences")).json() == []


async def test_a_silence_that_is_not_there(am: httpx.AsyncClient) -> None:
    wrong = await am.get("/api/v2/silence/nosuch")
    assert wrong.status_code == 422
    assert wrong.json() == {"code": 601, "message": 'silenceID in path must be of type uuid: "nosuch"'}
    path = "/api/v2/silence/237af2be-94e2-4faf-9d6c-10ceaa36757b"
    assert ((await am.get(path)).status_code, (await am.delete(path)).status_code) == (404, 404)


async def test_the_story_of_a_silenced_alarm_names_its_silences(am: httpx.AsyncClient, house: House) -> None:
    first = await silenced(am, house, "domain=safety", comment="weekly test")
    (alarm,) = house.take(finding())
    await silenced(am, house, "site=elsewhere")
    path = f"/api/alarms/{alarm}/silences"
    (one,) = (await am.get(path)).json()["items"]
    assert (one["id"], one["covers"], one["state"], one["comment"]) == (first, True, "active", "weekly test")
    assert (one["since"], one["matchers"]) == (house.clock.now_ms, ['domain="safety"'])
    await am.delete(f"/api/v2/silence/{first}")
    (one,) = (await am.get(path)).json()["items"]
    assert (one["covers"], one["state"]) == (False, "expired")
    assert (await am.get("/api/alarms/none/silences")).status_code == 404
