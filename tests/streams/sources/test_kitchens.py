"""What cameras in kitchens tell, at the HTTP intake: kept under the kitchen, refused where nobody has kitchens."""

from typing import Any

from tests.streams.sources.intake_city import T0, running


def told(site: str, **more: Any) -> dict[str, Any]:
    return {"event": "kitchen_sight", "id": "v1", "site": site, "time": T0, "camera": "c1", "what": "rat"} | more


async def test_what_a_camera_saw_and_how_well_it_sees_are_kept_under_the_kitchen() -> None:
    state = {"event": "camera_state", "id": "s1", "site": "store-1", "time": T0, "camera": "c1", "state": "blurred"}
    async with running() as intake:
        answered = await intake.post("/intake/kitchens", [told("store-1", confidence=0.9), state])
    assert answered.status_code == 200
    assert [(topic, key, body["event"]) for topic, key, body, _ in intake.publisher.kept] == [
        ("events.food", "store-1", "kitchen_sight"), ("events.food", "store-1", "camera_state"),
    ]  # fmt: skip


async def test_what_cannot_be_is_refused_with_its_place() -> None:
    bad = [
        told("yard-1"), told("nowhere"), told("store-1", what="A Rat"), told("store-1", confidence=2),
        {"event": "camera_state", "id": "s", "site": "store-1", "time": T0, "camera": "c1", "state": "fine"},
    ]  # fmt: skip
    async with running() as intake:
        answered = await intake.post("/intake/kitchens", bad)
    assert answered.status_code == 422 and intake.publisher.kept == []
    where = [each["where"] for each in answered.json()["items"]]
    assert where == ["$[0].site", "$[1].site", "$[2].what", "$[3].confidence", "$[4].state"]
    assert "a domain with kitchens (food)" in answered.json()["items"][0]["required"]
