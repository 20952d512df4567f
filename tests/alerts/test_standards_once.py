"""One standard behind many rows is named once, with what of it is in doubt; nothing else is drawn together."""

from alerts.city import City
from alerts.rules_said import RulesSaid
from alerts.standards_once import RowSource, standards_once
from streams.packs import load_packs
from tests.alerts.city_parts import T0

CHLORINE = "GB 18218-2018 tables 1 and 3, chlorine"
BENZENE = "GB 18218-2018 table 1, benzene; beta W5 from memory"


def told(*rows: tuple[str, bool]) -> list[tuple[str, str]]:
    return [(each.zh, each.en) for each in standards_once(RowSource(*row) for row in rows)]


def test_rows_of_one_standard_are_one_with_its_title_and_its_doubts() -> None:
    assert told((CHLORINE, True), ("from memory", False), (BENZENE, False), (CHLORINE, True)) == [
        (
            "GB 18218-2018《危险化学品重大危险源辨识》（3 项，其中 1 项未经核实）",
            "GB 18218-2018 (3 entries, 1 of them not confirmed)",
        ),
        ("凭记忆", "from memory"),
    ]  # fmt: skip
    assert told(("HJ 9-2020 a", True), ("HJ 9-2020 b", True)) == [("HJ 9-2020（2 项）", "HJ 9-2020 (2 entries)")]


def test_one_source_stands_as_it_is_and_other_years_are_other_standards() -> None:
    assert told((CHLORINE, True), (CHLORINE, True))[0][1] == CHLORINE
    both = told(("GB 18218-2009 a", True), ("GB 18218-2018 a", True))
    assert [en for _, en in both] == ["GB 18218-2009 a", "GB 18218-2018 a"]
    assert [en for _, en in told(("own rule a", True), ("own rule b", True))] == ["own rule a", "own rule b"]


def test_the_line_of_a_firms_risk_names_the_standard_of_hazard_sources_once() -> None:
    city = City(load_packs())
    city.tick(T0)
    for page in ("firm_risk", "firms"):
        line = RulesSaid(city, lambda: T0).of(page)
        assert line is not None
        (hazards,) = (each for each in line.published if "GB 18218-2018" in each.en)
        assert "《危险化学品重大危险源辨识》" in hazards.zh
        assert "entries, " in hazards.en and "of them not confirmed" in hazards.en
        assert any("guide of 2018 to the grading" in each.en for each in line.published), "others stand beside it"
