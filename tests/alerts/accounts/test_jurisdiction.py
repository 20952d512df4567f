"""Parts of the city: what they cover and which lies within which."""

import pytest

from alerts.accounts.jurisdiction import WHOLE_CITY, Jurisdiction


def part(domains: str | None = None, districts: str | None = None) -> Jurisdiction:
    return Jurisdiction(
        None if domains is None else frozenset(domains.split()),
        None if districts is None else frozenset(districts.split()),
    )


@pytest.mark.parametrize(
    ("within", "domain", "district", "covered"),
    [
        (WHOLE_CITY, "safety", "", True),
        (part("safety"), "safety", "120116", True),
        (part("safety"), "port", "120116", False),
        (part(None, "120116"), "port", "120116", True),
        (part(None, "120116"), "port", "120101", False),
        (part(None, "120116"), "port", "", False),  # a site nobody registered belongs to those who see all
        (part(None, "120000"), "port", "120116", True),
        (part(None, "120100"), "port", "120116", True),
        (part(None, "120100"), "port", "120225", False),
        (part("safety", "120101 120116"), "safety", "120116", True),
        (part("", ""), "safety", "120116", False),
    ],
)
def test_what_a_part_of_the_city_covers(within: Jurisdiction, domain: str, district: str, covered: bool) -> None:
    assert within.covers(domain, district) is covered


@pytest.mark.parametrize(
    ("inner", "outer", "inside"),
    [
        (WHOLE_CITY, WHOLE_CITY, True),
        (part("safety"), WHOLE_CITY, True),
        (WHOLE_CITY, part("safety"), False),
        (part("safety"), part("safety port"), True),
        (part("safety food"), part("safety port"), False),
        (part(None, "120116"), part(None, "120000"), True),
        (part(None, "120000"), part(None, "120116"), False),
        (part(""), part("safety"), True),
    ],
)
def test_nobody_gives_more_than_they_have(inner: Jurisdiction, outer: Jurisdiction, inside: bool) -> None:
    assert inner.within(outer) is inside


def test_only_the_whole_is_whole() -> None:
    assert WHOLE_CITY.whole and not part("").whole and not part(None, "120116").whole
    assert part("a b").key() == part("b a").key() != part("a").key()
