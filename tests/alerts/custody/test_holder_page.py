"""The holders of a recall part by part: who has not signed, who was not reached, and all of them in the end."""

import httpx
import pytest

from alerts.custody.desk import Recalls, recall_id
from alerts.custody.holder_page import HolderPage, page_of
from records.recall import Holder
from records.recall_events import Delivered, Signed
from tests.alerts.city_parts import House
from tests.alerts.custody.test_desk import DAY, FAILED, T0, client_of, house, recalls  # noqa: F401  # fixtures

LAB = recall_id("lab")
GOODS = frozenset({"milk"})


def test_who_signed_was_reached_and_who_was_freed_owes_nothing() -> None:
    holders = {
        "freed": Holder(), "new": Holder(GOODS), "told": Holder(GOODS, delivered=1), "signed": Holder(GOODS, signed=2),
    }  # fmt: skip
    stands = {
        stand: [name for name, _ in page_of(holders, HolderPage(10, stand)).holders]
        for stand in ("all", "unsigned", "unreached")
    }
    assert stands == {
        "all": ["freed", "new", "signed", "told"], "unsigned": ["new", "told"], "unreached": ["new"],
    }  # fmt: skip


@pytest.mark.parametrize("rows", [1, 2, 5, 9])
def test_page_after_page_gives_each_holder_once(rows: int) -> None:
    holders = {f"shop-{each}": Holder(GOODS) for each in range(9)}
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = page_of(holders, HolderPage(rows, cursor=cursor))
        assert page.count == 9 and len(page.holders) <= rows
        found += [name for name, _ in page.holders]
        cursor = page.next
    assert found == sorted(holders)


async def test_a_part_of_a_recall_over_http_brings_its_own_notices_and_no_words(
    house: House, recalls: Recalls  # noqa: F811
) -> None:  # fmt: skip
    recalls.take([*DAY, FAILED])
    recalls.act(LAB, Delivered(T0, "depot", 2, "webhook"), Signed(T0, "farm", "Li"))
    async with client_of(house, recalls) as client:

        async def part(**asked: str | int) -> httpx.Response:
            return await client.get(f"/api/recalls/{LAB}", params={"rows": 2, "most": 5, **asked})

        first = (await part(stand="unsigned")).json()
        assert [each["holder"] for each in first["holders"]] == ["depot", "lab"]
        assert {each["holder"] for each in first["notices"]} == {"depot", "lab"} and first["events"] == []
        assert (first["holders_count"], first["next"], first["figures"]["notified"]) == (4, "lab", 5)
        last = (await part(stand="unsigned", cursor=first["next"])).json()
        assert ([each["holder"] for each in last["holders"]], last["next"]) == (["plant", "shop"], None)
        signed = await client.post(
            f"/api/recalls/{LAB}/sign", params={"rows": 1, "most": 5, "stand": "unreached"},
            json={"holder": "lab", "who": "Wu"},
        )  # fmt: skip
        assert [each["holder"] for each in signed.json()["holders"]] == ["plant"]
        assert (await part(rows=0)).status_code == 422 and (await part(stand="other")).status_code == 422
        whole = (await client.get(f"/api/recalls/{LAB}")).json()
        assert len(whole["holders"]) == 5 == len(whole["notices"]) and whole["events"] and whole["next"] is None
        assert (await client.post("/api/recalls/none/start", json={"who": "Wu"})).status_code == 404
