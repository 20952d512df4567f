"""Who acts and when, for every desk alike; and that what a state does not allow is said in the reader's language."""

import httpx
import pytest
from fastapi import FastAPI, Request

from alerts.accounts.identity import DESK, PLACE, Identity
from alerts.accounts.refusal import Refused
from alerts.acting import acting, city_now
from alerts.city import City
from alerts.errors_api import word_errors
from alerts.lifecycle import NotAllowed
from records.refused import Refused as NotNow
from topics.finding import Text

OFFICER = Identity("session", "zhang", account=7, shown="张伟")


def _asked_by(identity: Identity) -> Request:
    return Request({"type": "http", "headers": [], PLACE: identity})


def test_whoever_is_signed_in_acts_under_the_own_name_whatever_the_body_says() -> None:
    assert acting(_asked_by(OFFICER), "somebody else") == "张伟"


def test_at_the_open_desk_the_body_says_who_acts_and_must() -> None:
    assert acting(_asked_by(DESK), "  Li Na ") == "Li Na"
    assert acting(_asked_by(DESK), "Li\x00Na") == "Li\ufffdNa", "PostgreSQL keeps no NUL"
    with pytest.raises(Refused, match="expected a name"):
        acting(_asked_by(DESK), "  ")


def test_nothing_is_entered_before_city_time_runs() -> None:
    city = City()
    with pytest.raises(NotNow, match="no city time yet"):
        city_now(city)
    city.tick(1_700_000_000_000)
    assert city_now(city) == 1_700_000_000_000


@pytest.mark.parametrize("error", [NotNow, NotAllowed])
@pytest.mark.parametrize(
    ("language", "said"), [("zh", "已办结"), ("en", "it is closed"), (None, "已办结 / it is closed")]
)
async def test_what_a_state_does_not_allow_is_a_409_in_the_readers_language(
    error: type[NotNow], language: str | None, said: str
) -> None:
    app = FastAPI()
    word_errors(app)

    @app.post("/act")
    def act() -> None:
        raise error(Text("已办结", "it is closed"))

    cookies = {"lang": language} if language else {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies) as client:
        answer = await client.post("/act")
    assert (answer.status_code, answer.json()) == (409, {"error": said})
