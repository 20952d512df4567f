"""What a stream tells in a flood, second by second."""

from alerts.flood.teller import Change, Place, Teller

PORT, AIR = Place("port", "cargo", "120116"), Place("air", "pollution", "")
FLOOD = {"port": 1_000}


def changes(count: int, first: int, place: Place = PORT, *, urgent: bool = False) -> list[Change]:
    view = {"severity": "red" if urgent else "yellow", "domain": place.domain, "district": place.district}
    return [Change(first + number, place.desk, urgent, view) for number in range(count)]


def test_outside_a_flood_every_change_is_told() -> None:
    assert Teller().take(changes(500, 1), {}, 0) == (changes(500, 1), None, False)


def test_in_a_flood_the_worst_and_the_other_desks_are_told_and_the_rest_is_counted_once_a_second() -> None:
    teller = Teller(few=20)
    red, calm = changes(3, 100, urgent=True), changes(2, 200, AIR)
    told, counted, again = teller.take([*changes(50, 1), *red, *calm], FLOOD, 0)
    assert told == [*red, *calm]
    assert counted is not None and (counted.line, counted.counts, again) == (50, {PORT: {"yellow": 50}}, False)
    assert teller.take(changes(30, 300), FLOOD, 400) == ([], None, False)
    told, counted, _ = teller.take(changes(5, 400), FLOOD, 1_000)
    assert told == []  # one by one they would overtake what is counted and not yet told
    assert counted is not None and (counted.line, counted.counts) == (404, {PORT: {"yellow": 35}})


def test_a_few_a_second_are_told_one_by_one_even_in_a_flood() -> None:
    teller = Teller(few=20)
    started = teller.take([], FLOOD, 0)[1]
    assert started is not None and (started.line, started.counts) == (0, {})  # the flood itself is news
    for second in range(3):
        told, counted, _ = teller.take(changes(20, 100 * second), FLOOD, 1_000 * (second + 1))
        assert (len(told), counted) == (20, None)


def test_when_no_flood_lasts_any_more_the_rest_is_counted_and_the_lists_are_to_be_read_once() -> None:
    teller = Teller(few=2)
    teller.take(changes(5, 1), FLOOD, 0)
    teller.take(changes(5, 10), FLOOD, 100)
    told, counted, again = teller.take(changes(1, 20), {}, 200)
    assert (len(told), again) == (1, True)
    assert counted is not None and counted.counts == {PORT: {"yellow": 5}}
    assert teller.take([], {}, 5_000) == ([], None, False)


def test_no_count_is_lost_whatever_the_seconds() -> None:
    teller = Teller(few=7)
    told = counted = 0
    for look in range(200):
        each, counts, _ = teller.take(changes(look % 9, look * 10), FLOOD if look < 190 else {}, look * 130)
        told += len(each)
        counted += sum(sum(of.values()) for of in counts.counts.values()) if counts else 0
    assert told + counted == sum(look % 9 for look in range(200))
