"""What goes on record of acts at the gate: who, what, with which outcome, in the chain and by the page."""

import pytest

from alerts.desk import Desk
from alerts.ledger.tables import ledger
from tests.alerts.accounts.conftest import Door
from tests.alerts.city_parts import finding


async def test_every_denied_and_every_done_act_is_on_record_and_in_the_chain(door: Door) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    async with door.client("10.0.0.9") as nobody:
        await nobody.get("/api/alarms")
    client = await door.signed_in("wang", address="10.0.0.7")
    await client.get("/api/alarms")
    await client.get("/api/audit")
    await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    await client.delete("/api/session")
    assert door.record() == [
        ("", "see", "denied", 401, "not-signed-in"),
        ("wang", "sign-in", "done", 200, ""),
        ("wang", "see-audit", "denied", 403, "no-permission"),
        ("wang", "acknowledge", "done", 200, ""),
        ("wang", "acknowledge", "refused", 409, ""),
        ("wang", "sign-out", "done", 204, ""),
    ]
    line = door.access.audit.listed(1, act="acknowledge", outcome="done")["items"][0]
    assert (line["target"], line["address"], line["means"]) == (
        f"POST /api/alarms/{alarm}/acknowledge", "10.0.0.7", "session",
    )  # fmt: skip
    assert (line["wall"], line["account_id"]) == (door.clock.now_ms, 1)
    with door.access.store.read() as connection:
        chained = connection.execute(ledger.select().where(ledger.c.sequence == line["entry"])).mappings().one()
    assert chained["kind"] == "audit" and '"who":"wang"' in chained["body"]


async def test_the_record_is_paged_and_only_for_administrators(door: Door) -> None:
    door.add("zhao", "administrator")
    client = await door.signed_in("zhao")
    for _ in range(5):
        await client.get("/api/accounts")
    seen: list[int] = []
    before: int | None = None
    while True:
        page = (await client.get("/api/audit", params={"limit": 2} | ({"before": before} if before else {}))).json()
        seen += [item["id"] for item in page["items"]]
        if (before := page["next"]) is None:
            break
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == len(seen) >= 6


async def test_an_act_that_breaks_the_server_is_on_record_as_failed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alarm,) = door.house.take(finding())
    door.add("wang", "operator")
    client = await door.signed_in("wang")
    monkeypatch.setattr(Desk, "act_on_all", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await client.post(f"/api/alarms/{alarm}/acknowledge", json={})
    assert door.record()[-1][:4] == ("wang", "acknowledge", "failed", 500)


async def test_a_flood_of_denials_is_counted_instead_of_listed(door: Door) -> None:
    door.add("wang", "operator")
    async with door.client("10.0.0.66") as nobody:
        for _ in range(40):
            await nobody.get("/api/alarms")
        assert len(door.record()) == 30
        door.clock.now_ms += 60_000
        await nobody.get("/api/alarms")
    assert door.record()[-1][4] == "not-signed-in; 10 more of this address were not listed"
