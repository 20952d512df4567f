"""The book of safety work and the watch over it: what came, by time and site, and what is still to be told."""

import msgspec

from alerts.safety.book import Book
from alerts.safety.desk import SafetyDesk
from alerts.safety.watch import Watch
from records.safety.days import DAY_MS, HOUR_MS
from records.safety.episodes import messages
from records.safety.forms import Danger, Visit
from records.safety.standing import Standing
from tests.alerts.city_parts import House
from tests.records.safety.parts import TEN, commitment, permit
from topics.finding import Text
from topics.safety_events import Commitment, WorkPermit


def test_forms_that_come_again_or_late_change_nothing(house: House, desk: SafetyDesk) -> None:
    first, second = permit(1, time=TEN), permit(1, time=TEN + 1, cancelled=True)
    assert desk.book.take([first, second], "t", 2, 7) == 2
    assert desk.book.take([first, second], "t", 2, 7) == 0 and desk.book.next_offset("t", 2) == 7
    late = permit(1, time=TEN - 1, place="old")
    assert desk.book.take([late]) == 1
    held = desk.book.one(WorkPermit, "p1|DH-001")
    assert held == second and desk.book.forms(WorkPermit, "p1|DH-001") == [late, first, second]
    assert house.rows("SELECT count(*), count(DISTINCT entry) FROM safety_record") == [(3, 3)]


def test_the_book_gives_by_time_site_and_what_is_unfinished(store_url: str) -> None:
    house = House(store_url)
    book = Book(house.store, house.clock)
    book.enter(commitment("p1"), commitment("p1", TEN, running=0), commitment("p2", day="2026-11-26"))
    assert [each.running for each in book.newest(Commitment, sites=["p1"])] == [0]
    assert [each.running for each in book.newest(Commitment, sites=["p1"], first=True)] == [2]
    book.enter(commitment("p1", TEN - 2 * HOUR_MS, running=1))
    assert [each.running for each in book.newest(Commitment, sites=["p1"], first=True)] == [1], "it was on its way long"
    assert [each.running for each in book.newest(Commitment, sites=["p1"])] == [0]
    assert [each.site for each in book.newest(Commitment, end=TEN - DAY_MS)] == ["p2"]
    visit = Visit("v", "p1", TEN, 1, "x", 1)
    book.enter(visit, msgspec.structs.replace(visit, done=TEN, time=TEN))
    assert book.newest(Visit, unfinished=True) == [] and len(book.newest(Visit)) == 1
    assert book.one(Danger, "none") is None
    watch = Watch(house.store)
    late = Standing("visit-overdue", "inspection", "inspection", "p1", "v", "yellow", Text("逾", "late"), TEN)
    watch.keep("safety", messages("safety", watch.known("safety", TEN), [late], TEN + 1, ["visit-overdue"]), TEN + 1)
    watch.keep("safety", messages("safety", watch.known("safety", TEN), [], TEN + 2, ["visit-overdue"]), TEN + 2)
    ((name, body, findings),) = watch.untold()
    assert [each.phase for each in findings] == ["open", "close"] and findings[1].closed == TEN + 2
    watch.told(name, body)
    assert watch.untold() == [] and len(Watch(house.store).known("safety", TEN)) == 1
    house.store.close()
