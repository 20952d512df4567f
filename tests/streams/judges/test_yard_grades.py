"""By which edition a yard is graded on a day, and that none is made up for a day before all of them."""

import datetime as dt

import msgspec

from streams.judges.yard_grades import YardGrades
from topics.domain import Domain
from topics.domain_file import load_domains


def cargo() -> Domain:
    (found,) = (each for each in load_domains() if each.name == "cargo")
    return found


def standard(domain: Domain, day: str) -> str | None:
    found = YardGrades()(domain, dt.date.fromisoformat(day), "yard-ruihai", {"1942": 800.0})
    return found.standard if found is not None else None


def test_each_day_has_its_edition_and_one_before_all_of_them_none() -> None:
    days = ("1900-01-01", "2009-11-30", "2009-12-01", "2019-02-28", "2019-03-01")
    assert [standard(cargo(), day) for day in days] == [
        None, None, "GB 18218-2009", "GB 18218-2009", "GB 18218-2018",
    ]  # fmt: skip


def test_a_first_day_that_is_none_costs_the_grade_of_its_edition_alone() -> None:
    pack = cargo()
    older = pack.facts["critical_quantities_until"]
    wrong = {until: edition | {"valid_from": "soon"} for until, edition in older.items()}
    broken = msgspec.structs.replace(pack, facts=pack.facts | {"critical_quantities_until": wrong})
    assert (standard(broken, "2015-08-12"), standard(broken, "2026-01-01")) == (None, "GB 18218-2018")
