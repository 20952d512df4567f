"""Findings of judgements: when they open, when they close, and what later versions do to them."""

from detectors.rules.judgement.findings import Exceedances
from tests.detectors.rules.judgement.parts import DAY, DAY0, HOUR, OUTLET, book, hour_value, limit, mark, rules
from topics.finding import Finding, Origin, Text

ORIGIN = Origin("readings.pollution", 0, 0, 9)
LIMITS = {"w01018": (limit(50.0, confirmed=False),)}


class Desk:
    """A book and what is told of it."""

    def __init__(self) -> None:
        self.book = book(limits=LIMITS)
        self.teller = Exceedances(
            "pollution", "four-colours", rules(limits=LIMITS), lambda _: Text("一厂", "works one")
        )

    def day(self, number: int, value: float) -> list[Finding]:
        for n in range(24):
            self.book.take(hour_value(OUTLET, DAY0 + number * DAY + n * HOUR, value, received=number))
        return self.settle(number)

    def settle(self, number: int) -> list[Finding]:
        versions = self.book.settle(DAY0 + (number + 1) * DAY + HOUR)
        return [each for version in versions for each in self.teller.take(version, ORIGIN)]


def of_days(findings: list[Finding]) -> list[tuple[str, int, int, bool]]:
    chosen = [each for each in findings if each.family == "day-exceedance"]
    return [(each.phase, (each.opened - DAY0) // DAY, each.seq, each.late) for each in chosen]


def test_a_day_opens_and_the_next_days_mean_closes_it() -> None:
    desk = Desk()
    (opened,) = [each for each in desk.day(0, 81.5) if each.family == "day-exceedance"]
    assert (opened.phase, opened.severity, opened.value, opened.expected) == ("open", "blue", 81.5, 50.0)
    assert opened.text.en == (
        "blue exceedance: works one, COD day mean over by 0.63 times, 1 day(s) in the last 30 (limit not confirmed)"
    )
    assert opened.text.zh == "蓝色超标预警：一厂 化学需氧量 日均值超标 0.63 倍，近 30 天第 1 天（限值未经核实）"
    assert opened.facts["multiple"] == 0.63 and opened.facts["days_in_30"] == 1
    assert of_days(desk.day(1, 60.0)) == [("open", 1, 2, False), ("close", 0, 3, False)]
    assert of_days(desk.day(2, 20.0)) == [("close", 1, 3, False)]
    assert of_days(desk.day(3, 20.0)) == []


def test_an_hour_beyond_the_limit_of_the_day_is_no_finding() -> None:
    assert {each.family for each in Desk().day(0, 60.0)} == {"day-exceedance"}


def test_an_hour_beyond_a_limit_of_the_hour_is_one_of_a_family_of_its_own() -> None:
    hourly = {"w01018": (limit(50.0, averaging="hour"),)}
    made, teller = (
        book(limits=hourly),
        Exceedances("pollution", "four-colours", rules(limits=hourly), lambda _: Text("厂", "w")),
    )
    for n, value in enumerate((60.0, 70.0, 20.0)):
        made.take(hour_value(OUTLET, DAY0 + n * HOUR, value))
    found = [each for version in made.settle(DAY0 + 4 * HOUR - 1) for each in teller.take(version, ORIGIN)]
    assert [(each.phase, (each.opened - DAY0) // HOUR) for each in found] == [
        ("open", 0), ("open", 1), ("close", 0), ("close", 1),
    ]  # fmt: skip
    assert {each.family for each in found} == {"hour-exceedance"}
    assert found[0].facts["series"] == f"{OUTLET}/Rtd"


def test_a_mark_that_comes_later_takes_the_exceedance_back() -> None:
    desk = Desk()
    desk.day(0, 60.0)
    desk.book.mark(mark("m", "plant", "stopped", DAY0, DAY0 + DAY))
    closed = [each for each in desk.settle(0) if each.family == "day-exceedance"]
    assert of_days(closed) == [("close", 0, 5, False)]
    assert "takes the exceedance back" in closed[0].text.en and "不再超标" in closed[0].text.zh


def test_late_data_that_show_an_old_exceedance_open_and_close_at_once_and_say_so() -> None:
    desk = Desk()
    desk.day(0, 20.0)
    desk.day(1, 20.0)
    for n in range(24):
        desk.book.take(hour_value(OUTLET, DAY0 + n * HOUR, 90.0, received=9))
    assert of_days(desk.settle(1)) == [("open", 0, 4, True), ("close", 0, 5, True)]


def test_numbers_of_one_finding_only_grow() -> None:
    desk = Desk()
    seen: dict[str, int] = {}
    for number, value in enumerate((60.0, 70.0, 20.0, 90.0)):
        for each in desk.day(number, value):
            assert each.seq > seen.get(each.id, -1)
            seen[each.id] = each.seq
