"""Who is told what, when, and by which rule."""

import msgspec
import pytest

from alerts.warnings.statement import Statement
from tests.alerts.city_parts import MINUTE, SITE, T0, House, city, domain, finding
from tests.made_stores import made_store
from topics.domain import Route
from topics.finding import Text


def said(house: House, authority: str | None = None) -> list[Statement]:
    """All warnings, or those to one authority, in the order of release."""
    rows = house.rows("SELECT statement FROM warning ORDER BY id")
    statements = [msgspec.json.decode(row[0], type=Statement) for row in rows]
    return [each for each in statements if authority in (None, each.authority)]


def test_an_alert_goes_to_whom_the_route_names_from_its_severity_on(house: House) -> None:
    house.take(finding(severity="blue"))
    assert said(house) == []
    house.take(finding("update", 1, severity="yellow"))
    (first,) = said(house)
    assert (first.authority, first.msg_type, first.level, first.severity) == (
        "emergency-bureau", "Alert", "yellow", "Moderate",
    )  # fmt: skip
    house.take(finding("update", 2, severity="red"))
    assert [(each.authority, each.msg_type) for each in said(house)[1:]] == [
        ("emergency-bureau", "Update"),
        ("fire-brigade", "Alert"),
    ]


def test_a_route_of_other_families_is_not_told(house: House) -> None:
    house.take(finding(severity="red", family="model"))
    assert [each.authority for each in said(house)] == ["emergency-bureau"]
    assert said(house)[0].certainty == "Likely"


def test_the_rule_is_recorded_in_both_languages(house: House) -> None:
    house.take(finding(severity="red"))
    rule = said(house, "fire-brigade")[0].rule
    assert rule.en == "safety.routes[1]: limit, red and above → fire brigade"
    assert "消防总队" in rule.zh


def test_updates_tell_severity_acknowledgement_and_end_and_refer_to_all_before(house: House) -> None:
    (name,) = house.take(finding(severity="orange"))
    house.desk.acknowledge(name, "王伟", "")
    house.take(finding("update", 1, severity="orange"), finding("update", 2, severity="red"))
    house.take(finding("close", 3, severity="red", closed=T0 + 3 * MINUTE))
    house.desk.acknowledge(name, "王伟", "over")
    chain = said(house, "emergency-bureau")
    assert [(each.msg_type, each.level, each.acknowledged_by, each.over) for each in chain] == [
        ("Alert", "orange", None, False),
        ("Update", "orange", "王伟", False),
        ("Update", "red", None, False),
        ("Update", "red", None, True),
    ]
    assert (chain[-1].response_type, chain[-1].urgency) == ("AllClear", "Past")
    for place, each in enumerate(chain):
        assert [reference.identifier for reference in each.references] == [one.identifier for one in chain[:place]]
    assert [each.sent for each in chain] == sorted(each.sent for each in chain)


def test_what_returns_before_anybody_answered_goes_on_in_the_same_chain(house: House) -> None:
    house.take(finding(), finding("close", 1, closed=T0 + MINUTE), finding(opened=T0 + 5 * MINUTE))
    chain = said(house, "emergency-bureau")
    assert [(each.msg_type, each.over) for each in chain] == [("Alert", False), ("Update", True), ("Update", False)]


def test_whoever_was_told_is_told_of_the_fall_below_their_severity_too(house: House) -> None:
    house.take(finding(severity="red"), finding("update", 1, severity="blue"))
    assert [each.level for each in said(house, "fire-brigade")] == ["red", "blue"]


def test_identifiers_are_unique_over_alarms_authorities_and_stores(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = House(made_store(tmp_path_factory.mktemp("other")))
    batch = [
        finding(severity=severity, seq=seq, phase="update") for seq, severity in enumerate(["red", "orange", "red"])
    ]
    for each in (house, other):
        each.take(*batch, finding(quantity="else", subject="else", severity="red"))
    names = [each.identifier for each in said(house) + said(other)]
    assert len(names) == len(set(names)) == 2 * 8


def test_a_least_severity_the_scheme_does_not_have_keeps_nothing_back(house: House) -> None:
    house.city.put(domain(routes=(Route("bureau", Text("局", "bureau"), "mauve"),)))
    house.take(finding(severity="blue"))
    assert [each.authority for each in said(house)] == ["bureau"]


def test_a_site_nobody_registered_is_named_and_has_no_point(house: House) -> None:
    house.take(finding(site="nowhere"))
    area = said(house)[0].area
    assert (area.title.en, area.lat) == ("nowhere (position not registered)", None)


def test_the_place_is_that_of_the_registry(house: House) -> None:
    house.take(finding())
    area = said(house)[0].area
    assert (area.lat, area.lon, area.district) == (SITE.lat, SITE.lon, "120116")


def test_what_is_played_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    for simulated, status in ((True, "Exercise"), (False, "Actual")):
        folder = tmp_path_factory.mktemp("played")
        house = House(made_store(folder), city(simulated=simulated))
        house.take(finding())
        assert said(house)[0].status == status
        assert ("simulated" in said(house)[0].note) == simulated


def test_a_pack_that_comes_late_tells_what_is_open_once(house: House) -> None:
    house.city.domains.clear()
    (name,) = house.take(finding())
    assert said(house) == []
    house.city.put(domain())
    assert house.desk.review("safety") == 1
    assert house.desk.review("safety") == 0
    assert [(each.alarm, each.msg_type) for each in said(house)] == [(name, "Alert")]


def test_every_warning_owes_one_delivery_a_channel(house: House) -> None:
    house.city.put(domain(routes=(Route("bureau", Text("局", "bureau"), "blue", channels=("cap", "folder")),)))
    house.take(finding())
    rows = house.rows("SELECT recipient, channel, status FROM delivery ORDER BY channel")
    assert rows == [("bureau", "cap", "pending"), ("bureau", "folder", "pending")]
