"""A declaration that nobody answers: it climbs and sounds until it is answered, or until its box has left."""

import pytest

from alerts.declarations.box import BoxSteps
from alerts.declarations.declaration_list import Cut, declaration_page
from alerts.declarations.desk import Declarations
from alerts.declarations.views import DeclarationViews
from records.refused import Refused
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, NOW, form
from tests.alerts.declarations.test_desk import said
from topics.events import GateIn, GateOut
from topics.finding import Finding


def test_unanswered_at_two_hours_climbs_and_sounds_until_it_is_answered(house: House, desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    house.city.tick(NOW + 2 * HOUR - 1)
    assert desk.on_time() == []
    house.city.tick(NOW + 2 * HOUR)
    assert desk.on_time() == [number] and desk.on_time() == []
    house.city.tick(NOW + 9 * HOUR)
    desk.on_time()
    desk.sign(number, "transport", "Wu")
    desk.refuse(number, "emergency", "Sun", "no room")
    findings = [each for each in said(house) if isinstance(each, Finding)]
    assert [(each.phase, each.seq, each.severity, each.time - NOW) for each in findings] == [
        ("open", 0, "yellow", 2 * HOUR), ("update", 1, "orange", 3 * HOUR), ("close", 2, "orange", 9 * HOUR),
    ]  # fmt: skip
    assert len({each.id for each in findings}) == 1 and "unanswered for 2 h" in findings[0].text.en
    # Authorities are called as the pack titles them, not by the codes that programs use.
    assert "等待交通、应急" in findings[0].text.zh and findings[0].facts["awaiting"] == "transport, emergency"
    (alarm,) = house.take(*findings)
    assert house.rows(f"SELECT family FROM alarm WHERE id = '{alarm}'")[0].family == "declaration"


@pytest.mark.parametrize("leaves_h", [1, 5], ids=["before it is due", "while it climbs"])
def test_what_is_unanswered_when_its_box_leaves_has_lapsed(house: House, desk: Declarations, leaves_h: int) -> None:
    number, _ = desk.enter(form(), "Li")
    steps, views = BoxSteps(desk), DeclarationViews(desk)
    box = "CSQU3054383"
    steps.take([GateIn("i", "yard", NOW + HOUR // 2, box, number)])
    for hour in range(1, 12):
        house.city.tick(NOW + hour * HOUR)
        if hour == leaves_h:
            steps.take([GateOut("o", "yard", NOW + hour * HOUR, box)])
        climbed = desk.on_time()
        assert climbed == ([number] if 2 <= hour < min(leaves_h, 4) else []), f"at hour {hour}"
    findings = [(each.phase, each.time - NOW) for each in said(house) if isinstance(each, Finding)]
    assert findings == ([] if leaves_h == 1 else [("open", 2 * HOUR), ("update", 3 * HOUR), ("close", 5 * HOUR)])
    for authority, who in (("transport", "Wu"), ("emergency", "Sun")):
        with pytest.raises(Refused, match="the box has left"):
            desk.sign(number, authority, who)
        with pytest.raises(Refused, match="the box has left"):
            desk.refuse(number, authority, who, "too late")
    view = views.view(number)
    assert (view["state"], view["answer"], view["awaiting"], view["due"]) == ("gate-out", "lapsed", [], None)
    assert view["versions"][0]["answer"] == "lapsed" and view["unlawful"]
    assert views.figures()["overdue"] == 0
    assert declaration_page(views, Cut(awaiting="transport"), 9)["count"] == 0
