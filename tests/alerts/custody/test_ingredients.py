"""What a lot was made of, told apart from what only held its ingredients or itself."""

from alerts.custody.desk import Recalls
from alerts.custody.ingredients import parted
from alerts.custody.lots import Lots
from records.custody import facts
from records.links import Known
from records.trace import backward
from tests.alerts.city_parts import House
from tests.alerts.custody.test_desk import event, house, packed, recalls, seen  # noqa: F401  # fixtures

MILKING = [
    seen("0", 1, "farm", "milk"),
    packed("1", 2, "farm", "tanker", "milk"),
    packed("2", 5, "dairy", "tanker", "milk", action="DELETE"),
    packed("3", 6, "mill", "box", "sugar"),
    event("4", 10, "dairy", type="TransformationEvent", inputEPCList=["milk", "box"], outputEPCList=["yoghurt"]),
    packed("5", 20, "dairy", "van", "yoghurt"),
    packed("6", 30, "shop", "van", "yoghurt", action="DELETE"),
]


def test_who_only_held_it_is_no_ingredient_and_what_was_used_up_with_its_contents_is() -> None:
    links = Known(map(facts, MILKING))
    sources = backward(links, "yoghurt").keys() - {"yoghurt"}
    assert parted(links, sources) == ({"milk", "box", "sugar"}, {"tanker", "van"})
    assert parted(links, []) == (set(), set())


def test_a_lots_van_and_the_tanker_of_its_milk_are_not_what_it_was_made_of(house: House, recalls: Recalls) -> None:  # noqa: F811
    recalls.take(MILKING)
    whole = Lots(recalls, house.city).whole("yoghurt")
    assert whole is not None
    assert (whole["made_of"], whole["carried_in"], whole["carriers"]) == (["box", "milk", "sugar"], ["tanker"], ["van"])
    assert [each["id"] for each in whole["sources"]] == ["0", "1", "2", "3", "4"], "not the way of the van"
