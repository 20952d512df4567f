"""GB 18218-2018: S, R and the grade, against values computed by hand."""

import pytest

from detectors.rules.hazard_source import Critical, grade_of, hazard_source

RUIHAI = {
    "1942": Critical(50, 1),  # ammonium nitrate
    "1689": Critical(50, 2),  # sodium cyanide as J2
    "2556": Critical(10, 1),  # nitrocellulose
    "1486": Critical(1000, 1),  # potassium nitrate
}


def test_the_port_of_2015_is_a_source_of_grade_1() -> None:
    masses = {"1942": 800.0, "1689": 680.5, "2556": 229.37, "1486": 1342.8}
    found = hazard_source(masses, {un: Critical(each.q_t, 1) for un, each in RUIHAI.items()}, alpha=2.0)
    assert found.s == pytest.approx(16.0 + 13.61 + 22.937 + 1.3428)
    assert round(found.s, 1) == 53.9
    assert found.r == pytest.approx(2 * found.s)
    assert found.grade == 1
    assert [term.un for term in found.terms] == ["2556", "1942", "1689", "1486"]


def test_beta_weighs_r_and_not_s() -> None:
    found = hazard_source({"1689": 25.0, "1942": 50.0}, RUIHAI, alpha=1.5)
    assert found.s == pytest.approx(1.5)
    assert found.r == pytest.approx(1.5 * (2 * 0.5 + 1.0))
    assert found.grade == 4


@pytest.mark.parametrize(("r", "grade"), [(0, 4), (9.99, 4), (10, 3), (49.99, 3), (50, 2), (99.99, 2), (100, 1)])
def test_the_lower_bound_belongs_to_the_worse_grade(r: float, grade: int) -> None:
    assert grade_of(r) == grade


def test_below_one_there_is_no_source_and_the_bound_itself_is_one() -> None:
    assert hazard_source({"1942": 49.9}, RUIHAI, 2.0).grade is None
    assert hazard_source({"1942": 50.0}, RUIHAI, 2.0).grade == 4
    assert hazard_source({}, RUIHAI, 2.0).s == 0


def test_what_has_no_critical_quantity_is_named_not_ignored() -> None:
    found = hazard_source({"1942": 50.0, "1823": 900.0}, RUIHAI, 1.0)
    assert found.unlisted == (("1823", 900.0),)
    assert [term.un for term in found.terms] == ["1942"]
