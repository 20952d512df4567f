"""Groups from the first alarm that opens to the last that closes."""

import pytest
import sqlalchemy as sa

from alerts import schema
from alerts.accounts.jurisdiction import Jurisdiction
from alerts.group_queries import GroupQueries
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding


def groups(house: House, which: str = "all") -> list[dict[str, object]]:
    items: list[dict[str, object]] = GroupQueries(house.store, house.city).listed(which, 100)["items"]  # type: ignore[arg-type]
    return items


def test_alarms_of_a_site_are_one_group_until_the_last_of_them_closes(house: House) -> None:
    one, two = house.take(finding(), finding(subject="other", quantity="other", severity="red"))
    (group,) = groups(house)
    assert (group["labels"], group["opened"], group["closed"]) == (
        {"domain": "safety", "site": "tank-farm-1"},
        T0,
        None,
    )
    assert (group["severity"], group["count"], group["open"], group["unacknowledged"]) == ("red", 2, 2, 2)
    for name in (one, two):
        house.desk.acknowledge(name, "wang", "")
    house.take(finding("close", 1, closed=T0 + MINUTE))
    assert [each["open"] for each in groups(house, "open")] == [1]
    house.take(finding("close", 2, subject="other", quantity="other", closed=T0 + 2 * MINUTE))
    assert groups(house, "open") == []
    assert [(each["id"], each["closed"]) for each in groups(house)] == [(group["id"], T0 + 2 * MINUTE)]


def test_what_opens_after_that_is_another_group(house: House) -> None:
    (name,) = house.take(finding())
    house.desk.acknowledge(name, "wang", "")
    house.take(finding("close", 1, closed=T0 + MINUTE))
    house.take(finding(opened=T0 + 10 * MINUTE))
    young, old = groups(house)
    assert young["id"] != old["id"]
    assert (young["closed"], old["closed"]) == (None, T0 + MINUTE)


def test_the_pack_says_by_which_labels(house: House) -> None:
    house.city.put(domain(grouping=("district", "family")))
    house.take(finding(), finding(family="anomaly", detector="iforest", subject="x", quantity="x"))
    house.take(finding(subject="y", quantity="y", site="nowhere"))
    labels = [group["labels"] for group in groups(house)]
    assert {"district": "120116", "family": "limit"} in labels
    assert {"district": "120116", "family": "anomaly"} in labels
    assert {"district": "", "family": "limit"} in labels and len(labels) == 3


def test_a_group_shows_its_alarms_to_those_they_concern(house: House) -> None:
    (name,) = house.take(finding())
    queries = GroupQueries(house.store, house.city)
    (group,) = groups(house)
    view = queries.one(str(group["id"]), 10)
    assert view is not None and [alarm["id"] for alarm in view["alarms"]] == [name]
    assert view["alarms"][0]["group"] == group["id"]
    elsewhere = Jurisdiction(districts=frozenset({"120101"}))
    assert queries.one(str(group["id"]), 10, elsewhere) is None
    assert queries.listed("all", 10, elsewhere) == {"items": [], "next": None}
    assert queries.one("none", 10) is None


def test_pages_of_groups_join_without_gap_or_overlap(house: House) -> None:
    for number in range(5):  # two of them opened in the same moment
        house.take(
            finding(site=f"site-{number}", subject=f"site-{number}/GT-1/lel/Rtd", opened=T0 + number // 2 * MINUTE)
        )
    queries, cursor, pages = GroupQueries(house.store, house.city), None, []
    while True:
        page = queries.listed("open", 2, cursor=cursor)
        pages.append([group["id"] for group in page["items"]])
        if (cursor := page["next"]) is None:
            break
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [name for page in pages for name in page] == [group["id"] for group in groups(house)]
    with pytest.raises(ValueError, match='cursor: expected what "next" gave'):
        queries.listed("open", 2, cursor="nonsense")


def test_a_second_open_group_of_the_same_labels_is_refused_by_the_database(house: House) -> None:
    house.take(finding())
    (group,) = house.rows("SELECT * FROM alarm_group")
    with pytest.raises(sa.exc.IntegrityError), house.store.engine.begin() as connection:
        connection.execute(sa.insert(schema.alarm_group), dict(group._mapping) | {"id": "another"})
