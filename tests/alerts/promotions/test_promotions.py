"""Who may promote what on which evidence, over HTTP and on the record; the logs are played."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import msgspec
import pytest

from alerts.accounts.acts import ROLES, acts_of
from alerts.accounts.route_acts import Routes
from alerts.api import Server, create_app
from alerts.feed import Feed
from alerts.latency import Latency
from alerts.ledger import Ledger
from alerts.ledger.verify import verify
from alerts.lifecycle import Judged
from alerts.promotions.gate import Gate
from alerts.promotions.promotions import Promotions
from alerts.promotions.trials import Heard, Held, NotPossible, Trials
from alerts.wall import Wall
from records.history import ListHistory
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from topics.finding import Finding
from topics.published_pack import publish_form
from topics.shadow import Candidate, ShadowWord

PACK = publish_form(domain(), T0).domain
GATE = (Gate(least_hours=1, least_episodes=1, most_lost_true=0), "f" * 64)


class Played(Trials):
    """Logs that hold what the test says."""

    def __init__(self) -> None:
        self.started: list[Candidate] = []
        self.live: list[Finding] = []
        self.shadow: list[Finding] = []
        self.now = Held(PACK, "safety@1")
        self.hours = 2
        self.breaks = False
        self.told: list[tuple[str, ...]] = []

    def start(self, candidate: Candidate) -> None:
        self.started.append(candidate)

    def stop(self, domain: str, time_ms: int) -> None:
        pass

    def candidates(self, domain: str) -> Iterable[Candidate]:
        return [each for each in self.started if each.domain == domain]

    def heard(self, candidate: Candidate) -> Heard:
        def word(kind: Any, minute: int, **more: Any) -> ShadowWord:
            where = ("readings.safety", 0, minute, T0 + minute * MINUTE)
            return ShadowWord(candidate.id, "safety", kind, *where, **more)

        words = [word("began", 0), *(word("finding", 1, finding=each) for each in self.shadow)]
        cost = word("cost", 60 * self.hours, readings=10, live_s=1.0, candidate_s=1.0)
        return Heard([*words, cost], self.live, 1)

    def held(self, domain: str) -> Held:
        return self.now

    def promote(self, candidate: Candidate, time_ms: int) -> Held:
        if self.breaks:
            raise NotPossible("no broker answers")
        self.now = Held(candidate.pack or self.now.pack, self.now.models)
        return self.now

    def put_back(self, domain: str, before: Held, time_ms: int) -> None:
        self.now = before

    def new_normal(self, domain: str, series: str, who: str, reason: str, time_ms: int) -> dict[str, Any]:
        if self.breaks:
            raise NotPossible("no broker answers")
        self.told.append((domain, series, who, reason))
        return {"topic": f"readings.{domain}", "partition": 3}


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
async def client(house: House, played: Played) -> AsyncIterator[httpx.AsyncClient]:
    wall = Wall(house.store, house.city, Latency(), house.clock)
    server = Server(
        house.store, house.city, house.desk, wall, Feed(), Ledger(house.store), lambda: None, ListHistory([]),
        lambda: b"", promotions=Promotions(house.store, house.city, played, GATE, house.clock),
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(server))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made:
        yield made


async def post(client: httpx.AsyncClient, path: str, status: int = 200, **body: Any) -> Any:
    answer = await client.post(f"/api/shadow/safety/{path}", json={"who": "li"} | body)
    assert answer.status_code == status, answer.text
    return answer.json()


CHANGE = {"detectors": {"stuck": {"factor": 9.0}}}


async def test_a_change_is_tried_promoted_and_taken_back_and_all_of_it_is_in_the_chain(
    client: httpx.AsyncClient, played: Played, house: House
) -> None:
    run = (await post(client, "start", change=CHANGE, note="stuck too often"))["run"]
    assert played.started[0].pack == PACK | CHANGE
    played.live = played.shadow = [finding(origin=finding().origin)]
    report = (await client.get("/api/shadow/safety")).json()
    assert (report["both"], report["gate"]["open"], report["candidate"]["pack"]["detectors"]) == (
        1,
        True,
        CHANGE["detectors"],
    )
    assert (await post(client, "promote", run=run))["in_force"] == {"pack": "safety", "models": "safety@1"}
    assert played.now.pack == PACK | CHANGE
    assert (await post(client, "rollback", who="chen"))["run"] == run
    assert played.now.pack == PACK
    assert "expected a promotion" in (await post(client, "rollback", 409))["error"]
    lines = (await client.get("/api/promotions")).json()["items"]
    told = [(each["act"], each["outcome"], each["who"]) for each in lines]
    assert told == [
        ("rollback", "done", "chen"), ("rollback", "asked", "chen"), ("promote", "done", "li"),
        ("promote", "asked", "li"), ("start", "done", "li"), ("start", "asked", "li"),
    ]  # fmt: skip
    assert lines[3]["evidence"]["gate"]["sha256"] == "f" * 64
    with house.store.read() as connection:
        assert verify(connection).broken == []
    forged = "UPDATE promotion SET who = 'nobody' WHERE id = 3"
    house.store.write(lambda connection: connection.exec_driver_sql(forged))
    with house.store.read() as connection:
        assert [each.fault for each in verify(connection).broken] == ["line-changed"]


async def test_a_shut_gate_says_why_and_nothing_is_put_in_force(
    client: httpx.AsyncClient, played: Played, house: House
) -> None:
    played.live = [finding()]
    (alarm,) = house.take(*played.live)
    house.desk.act(alarm, lambda _, now: Judged(now, "wang", verdict="real"))
    played.hours = 0
    await post(client, "start", change=CHANGE)
    said = (await post(client, "promote", 409))["error"]
    assert said == "gate: least_hours: expected 1, got 0.0; most_lost_true: expected 0, got 1.0"
    assert played.now.pack == PACK
    lines = (await client.get("/api/promotions", params={"domain": "safety"})).json()["items"]
    assert (lines[0]["outcome"], lines[0]["evidence"]["lost_true"]) == ("refused", [alarm])


async def test_what_fails_on_the_way_is_on_record_too(client: httpx.AsyncClient, played: Played) -> None:
    played.live = played.shadow = [finding()]
    await post(client, "start", change=CHANGE)
    played.breaks = True
    assert "no broker answers" in (await post(client, "promote", 409))["error"]
    lines = (await client.get("/api/promotions")).json()["items"]
    assert [each["outcome"] for each in lines[:2]] == ["failed", "asked"]


async def test_what_does_not_fit_is_refused(client: httpx.AsyncClient) -> None:
    await post(client, "start", 409)
    await post(client, "start", 422, change=CHANGE, pack=PACK)
    await post(client, "start", 422, models="***")
    await post(client, "start", 422, who=" ", change=CHANGE)
    await post(client, "promote", 409)
    await post(client, "promote", 422, run="x")
    assert (await client.get("/api/shadow/safety")).status_code == 409
    assert (await client.get("/api/shadow/safety", params={"run": "0" * 16})).status_code == 409
    assert (await client.get("/api/shadow/UPPER")).status_code == 422


SERIES = "tank-farm-1/GT-1/lel/Rtd"


async def test_who_declares_a_new_normal_when_of_which_series_and_why_is_in_the_chain(
    client: httpx.AsyncClient, played: Played, house: House
) -> None:
    body = {"who": "wang", "series": SERIES, "note": "moved to the new tank"}
    said = (await client.post("/api/series/new-normal", json=body)).json()
    assert said == {
        "domain": "safety", "by": "wang", "reason": "moved to the new tank", "series": SERIES,
        "topic": "readings.safety", "partition": 3,
    }  # fmt: skip
    assert played.told == [("safety", SERIES, "wang", "moved to the new tank")]
    done, asked = (await client.get("/api/promotions")).json()["items"]
    for line, outcome in ((done, "done"), (asked, "asked")):
        assert (line["act"], line["outcome"], line["who"], line["note"]) == (
            "new-normal", outcome, "wang", "moved to the new tank",
        )  # fmt: skip
        assert line["after"]["series"] == SERIES and line["time"] == T0 and line["wall"] > 0
    with house.store.read() as connection:
        assert verify(connection).broken == []
    house.store.write(lambda connection: connection.exec_driver_sql("UPDATE promotion SET note = 'x' WHERE id = 1"))
    with house.store.read() as connection:
        assert [each.fault for each in verify(connection).broken] == ["line-changed"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"series": SERIES, "note": " "}, "note: expected the reason"),
        ({"series": "tank-farm-1/GT-1/lel", "note": "x"}, "series: "),
        ({"series": "nowhere/GT-1/lel/Rtd", "note": "x"}, "expected one of a registered site"),
        ({"series": "tank-farm-1/GT-1/so2/Rtd", "note": "x"}, "a quantity of its pack"),
    ],
)
async def test_a_new_normal_without_a_reason_or_of_no_series_is_refused_and_nothing_is_told(
    client: httpx.AsyncClient, played: Played, body: dict[str, str], said: str
) -> None:
    answer = await client.post("/api/series/new-normal", json={"who": "wang"} | body)
    assert answer.status_code == 409 and said in answer.json()["error"]
    assert played.told == [] and (await client.get("/api/promotions")).json()["items"] == []


async def test_a_new_normal_that_never_reached_the_log_is_on_record_as_failed(
    client: httpx.AsyncClient, played: Played
) -> None:
    played.breaks = True
    answer = await client.post("/api/series/new-normal", json={"who": "wang", "series": SERIES, "note": "x"})
    assert answer.status_code == 409
    lines = (await client.get("/api/promotions")).json()["items"]
    assert [each["outcome"] for each in lines] == ["failed", "asked"]


def test_operators_declare_a_new_normal() -> None:
    found = Routes().find("POST", "/api/series/new-normal")
    assert found is not None and found[0].audited
    roles = [role for role in ROLES if found[0].act in acts_of(frozenset({role}))]
    assert "operator" in roles and "viewer" not in roles


def test_data_scientists_try_and_promote_administrators_promote_and_nobody_else_does() -> None:
    found = {path: Routes().find("POST", f"/api/shadow/safety/{path}") for path in ("start", "promote", "rollback")}
    acts = {path: row[0].act for path, row in found.items() if row is not None}
    assert acts == {"start": "tune", "promote": "promote", "rollback": "promote"}
    may = {role: {"tune", "promote"} & acts_of(frozenset({role})) for role in ("data-scientist", "administrator")}
    assert may == {"data-scientist": {"tune", "promote"}, "administrator": {"promote"}}
    for role in ("viewer", "operator", "duty-officer"):
        assert not {"tune", "promote"} & acts_of(frozenset({role}))


def test_a_held_configuration_survives_the_record() -> None:
    held = Held(PACK, "safety@1")
    assert msgspec.json.decode(msgspec.json.encode(held), type=Held) == held
