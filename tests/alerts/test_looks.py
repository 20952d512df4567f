"""A desk looks as time passes, at once where something has come, and otherwise not."""

from alerts.city import City
from alerts.looks import Looks
from tests.alerts.city_parts import T0, domain

EVERY = 15_000


def test_a_desk_looks_once_a_while_and_at_once_where_something_has_come() -> None:
    city = City([domain()])
    looks = Looks(city, EVERY)
    assert not looks.due("safety", 0), "city time does not run yet"
    seen = []
    for at, changes in ((0, 0), (1, 0), (EVERY - 1, 0), (EVERY, 0), (EVERY + 1, 1), (EVERY + 1, 1)):
        city.tick(T0 + at)
        seen.append(looks.due("safety", changes))
    assert T0 % EVERY == 0
    assert seen == [True, False, False, True, True, False]
    city.put(domain(order=2))
    assert looks.due("safety", 1), "the pack has changed"
    assert not looks.due("safety", 1)
