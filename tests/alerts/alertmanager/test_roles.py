"""Alertmanager's routes behind the gate: who may see, send and silence, and who may silence red."""

import dataclasses

import httpx
import pytest

from alerts.accounts.terms import Terms
from alerts.alertmanager.parts import Rules, alertmanager_over
from alerts.api import create_app
from tests.alerts.accounts.conftest import Door, server_of
from tests.alerts.alertmanager.parts import HOUR, alert, alertmanager, silence
from tests.alerts.city_parts import House, finding
from topics.errors import ConfigurationError


@pytest.fixture
def door(house: House) -> Door:
    made = Door(house, Terms())
    server = dataclasses.replace(server_of(house), alertmanager=alertmanager(house, red_role="duty-officer"))
    made.app = create_app(server, made.access)
    return made


async def silenced(client: httpx.AsyncClient, house: House, matcher: str) -> httpx.Response:
    now = house.clock.now_ms
    return await client.post("/api/v2/silences", json=silence(matcher, starts=now, ends=now + HOUR))


async def test_a_duty_officer_silences_red_under_the_own_name_and_others_do_not(door: Door, house: House) -> None:
    door.add("zhao", "duty-officer")
    door.add("qian", "operator")
    duty, operator = await door.signed_in("zhao"), await door.signed_in("qian")
    assert (await silenced(operator, house, "site=tank-farm-1")).status_code == 403
    answer = await silenced(duty, house, "severity=red")
    assert answer.status_code == 200
    (one,) = (await operator.get("/api/v2/silences")).json()
    assert one["createdBy"] == "Zhao", "whatever the body says"
    house.take(finding(severity="red"))
    assert house.rows("SELECT count(*) FROM warning") == [(0,)]


async def test_at_the_open_desk_red_is_never_silenced(door: Door, house: House) -> None:
    desk = door.client()
    assert (await silenced(desk, house, "site=tank-farm-1")).status_code == 200
    refused = await silenced(desk, house, "severity=red")
    assert refused.status_code == 400
    assert refused.json().startswith("最高级（red）的报警不能静默") and "top severity (red)" in refused.json()


async def test_prometheus_sends_with_a_token_that_may_do_nothing_else(door: Door, house: House) -> None:
    door.add("sun", "operator")
    owner = await door.signed_in("sun")
    made = await owner.post("/api/account/tokens", json={"label": "prometheus", "scopes": ["post-alerts"]})
    assert made.status_code in (200, 201), made.text
    token = next(value for value in made.json().values() if isinstance(value, str) and len(value) > 20)
    program = door.client(authorization=f"Bearer {token}")
    assert (await program.post("/api/v2/alerts", json=[alert({"alertname": "X"})])).status_code == 200
    assert (await program.get("/api/v2/alerts")).status_code == 403
    assert (await door.client().post("/api/v2/alerts", json=[])).status_code == 401
    assert (await door.client().get("/alertmanager/api/v2/status")).status_code == 404


def test_a_role_that_there_is_not_is_refused_at_the_start(house: House) -> None:
    with pytest.raises(ConfigurationError, match=r"silence_red_role: expected one of viewer, .* got 'boss'"):
        alertmanager_over(house.store, house.city, rules=Rules(red_role="boss"))
