"""One more word on a recall reads the words said since it was last read, however many holders it has."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from alerts.custody.desk import Recalls, recall_id
from alerts.custody.sending import NoticeSender
from alerts.sinks.addresses import Addresses
from records.recall import fold
from records.recall_events import Delivered, Event, Signed
from tests.alerts.city_parts import House
from tests.alerts.custody.test_desk import FAILED, T0, house, recalls, seen  # noqa: F401  # fixtures

LAB = recall_id("lab")
SHOPS = 30


class Counted:
    """How many words of recalls were read."""

    def __init__(self, recalls: Recalls) -> None:  # noqa: F811
        self.read = 0
        self._decode = recalls._events.decode
        recalls._events.decode = self._counted

    def _counted(self, body: str) -> Event:
        self.read += 1
        return self._decode(body)


@pytest.fixture
def many(recalls: Recalls) -> Iterator[Recalls]:  # noqa: F811
    """A recall of a lot that many shops hold."""
    recalls.take([*(seen(f"s{each}", 1 + each, f"shop-{each:03}", "milk") for each in range(SHOPS)), FAILED])
    yield recalls


@pytest.mark.parametrize("answer", [httpx.Response(202), httpx.Response(200, json={"signed_by": "Li"})])
async def test_a_delivery_reads_a_few_words_and_not_the_whole_recall(
    house: House, many: Recalls, answer: httpx.Response  # noqa: F811
) -> None:  # fmt: skip
    where = Addresses("", Path("/nowhere"), webhook_secret="s", recall_notice_url="https://all.example/hook")
    sender = NoticeSender(many, where, house.clock, transport=httpx.MockTransport(lambda _: answer))
    counted = Counted(many)
    while await sender.send():
        pass
    notices = many.notices(LAB)
    assert len(notices) == SHOPS + 1 and all(each["delivered"] for each in notices)
    # The opening and the notice for its message, the words since for its outcome, and all of them once at the start.
    assert counted.read <= 5 * len(notices) + len(notices) + 1
    figures = many.view(LAB)["figures"]
    assert (figures["delivered"], figures["signed"]) == (len(notices), len(notices) if answer.status_code == 200 else 0)
    assert many.recall(LAB) == fold(many.events(LAB))


def test_words_that_were_rolled_back_were_never_said(many: Recalls) -> None:
    before = many.recall(LAB)

    def fails(connection: sa.Connection) -> None:
        many.add(connection, LAB, Delivered(T0 + 1, "shop-000", 2, "webhook"))
        many.add(connection, LAB, Signed(T0 + 2, "shop-000", "Li"))
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        many.write(LAB, fails)
    assert many.recall(LAB) == before
    many.act(LAB, Signed(T0 + 3, "shop-001", "Wu"))
    assert many.recall(LAB) == fold(many.events(LAB))
    assert many.recall(LAB).holders["shop-000"].signed is None and before.holders["shop-001"].signed is None


def test_what_another_server_wrote_meanwhile_is_seen(house: House, many: Recalls) -> None:  # noqa: F811
    other = Recalls(house.store, house.city, house.clock)
    many.recall(LAB)
    other.act(LAB, Signed(T0 + 3, "shop-001", "Wu"))
    many.act(LAB, Signed(T0 + 4, "shop-002", "Li"))
    assert {name for name, each in many.recall(LAB).holders.items() if each.signed} == {"shop-001", "shop-002"}
    with pytest.raises(LookupError, match="no recall 'other'"):
        many.recall("other")
