"""What every client of the interface may rely on: marks and 304, one form of refusal, shapes that hold, pages."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import BaseModel

from alerts.answers import AlarmsAnswer, ReportAnswer, SitesAnswer, StoryAnswer, WallAnswer
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.kpi.answers import DeskFiguresAnswer
from alerts.kpi.desks import DutyDesks
from alerts.kpi.follow import DeskFigures
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, finding


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    figures = DeskFigures(house.store, house.city, DutyDesks(), house.clock)
    server = Server(
        store=house.store,
        city=house.city,
        desk=house.desk,
        wall=Wall(house.store, house.city, Latency(), house.clock, figures.panel),
        feed=Feed(),
        ledger=Ledger(house.store),
        wake_outbox=lambda: None,
        history=ListHistory(),
        metrics=lambda: b"",
        figures=figures,
    )
    transport = httpx.ASGITransport(create_app(server), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, house: House) -> None:
    (name,) = house.take(finding())
    for path in ("/api/alarms", f"/api/alarms/{name}", "/api/wall", "/api/deliveries", "/api/sites"):
        first = await client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"') and first.headers["cache-control"] == "private, no-cache"
        again = await client.get(path, headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
    tags = {path: (await client.get(path)).headers["etag"] for path in ("/api/alarms", f"/api/alarms/{name}")}
    house.take(finding("update", 1, severity="red"))
    for path, tag in tags.items():
        changed = await client.get(path, headers={"if-none-match": tag})
        assert changed.status_code == 200 and changed.headers["etag"] != tag


async def test_a_mark_is_of_one_question_and_a_refusal_has_none(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding())
    tag = (await client.get("/api/alarms")).headers["etag"]
    other = await client.get("/api/alarms", params={"severity": "red"}, headers={"if-none-match": tag})
    assert other.status_code == 200 and other.json()["items"] == []
    missing = await client.get("/api/alarms/none", headers={"if-none-match": tag})
    assert missing.status_code == 404 and "etag" not in missing.headers


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/api/alarms?state=all", AlarmsAnswer),
        ("/api/alarms/{alarm}", StoryAnswer),
        ("/api/wall", WallAnswer),
        ("/api/sites", SitesAnswer),
        ("/api/report", ReportAnswer),
        ("/api/desk-figures", DeskFiguresAnswer),
    ],
)
async def test_answers_have_the_shape_the_document_says(
    client: httpx.AsyncClient, house: House, path: str, shape: type[BaseModel]
) -> None:
    (name,) = house.take(finding())
    house.city.tick(T0 + MINUTE)
    answer = await client.get(path.format(alarm=name))
    shape.model_validate(answer.json())
    operation = (await client.get("/openapi.json")).json()["paths"][path.partition("?")[0]]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": f"#/components/schemas/{shape.__name__}"} and operation["summary"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/alarms/none", 404, "no alarm 'none'"),
        ("/api/alarms?limit=0", 422, "query.limit: Input should be greater than or equal to 1, got '0'"),
        ("/api/alarms?cursor=nonsense", 422, 'cursor: expected what "next" gave'),
        ("/api/desk-figures?desk=nobody", 422, "desk: expected one of city, safety, got 'nobody'"),
        ("/api/desk-figures?from=5", 422, "query.from: Input should be greater than"),
        ("/api/alarms?limit=" + 99 * "x", 422, f"as an integer, got '{59 * 'x'}…"),
        ("/api/nothing", 404, "Not Found"),
    ],
)
async def test_every_refusal_is_one_sentence_under_error(
    client: httpx.AsyncClient, path: str, status: int, said: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert said in answer.json()["error"] and answer.json().keys() <= {"error", "problems"}


async def test_what_fails_inside_is_said_in_the_same_form(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(Wall, "show", broken)
    answer = await client.get("/api/wall")
    assert (answer.status_code, answer.json()) == (500, {"error": "the server failed; the log says how"})


async def test_every_route_of_the_document_has_a_name_of_its_own_and_a_summary(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) and "get_api_alarms" in names
    assert all(operation["summary"] for operation in operations)


async def test_deliveries_are_paged_by_a_cursor(client: httpx.AsyncClient, house: House) -> None:
    house.take(*(finding(quantity=f"q{number}", subject=f"s{number}") for number in range(5)))
    seen: list[int] = []
    cursor: int | None = None
    while True:
        asked = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await client.get("/api/deliveries", params=asked)).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True) and len(seen) == 5


async def test_a_word_is_found_in_either_language_and_means_itself(client: httpx.AsyncClient, house: House) -> None:
    house.take(finding(), finding(quantity="other_thing", subject="o", site="elsewhere"))

    async def found(text: str) -> int:
        return len((await client.get("/api/alarms", params={"text": text})).json()["items"])

    assert [await found(text) for text in ("可燃", "FLAMMABLE", "other_t", "elsew", "other%t", "no such")] == [
        2, 2, 1, 1, 0, 0,
    ]  # fmt: skip


async def test_a_refusal_never_repeats_what_may_be_a_secret(client: httpx.AsyncClient) -> None:
    too_long = "hunter2" * 1000
    for path, body in (("/api/session", {"name": "li", "password": too_long}), ("/api/link", {"secret": too_long})):
        answer = await client.post(path, json=body)
        assert answer.status_code == 422 and "at most" in answer.text
        assert "hunter2" not in answer.text
    answer = await client.post("/api/public/recall-receipts/short-token", json={"who": "li"})
    assert answer.status_code == 422 and "short-token" not in answer.text
