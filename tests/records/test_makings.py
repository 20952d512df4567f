"""One making that several events tell of: what comes out may be told before all that went in, and more than once."""

from records.custody import facts
from records.links import Known
from records.trace import Seed, backward, forward
from tests.records.custody_stories import made


def test_what_went_in_before_the_last_came_out_is_a_source() -> None:
    told = [made(1, 5, ["water"], ["bread"], "baking"), made(2, 10, ["salt"], ["bread"], "baking")]
    known = Known(facts(each) for each in told)
    assert backward(known, "bread").keys() == {"bread", "water", "salt"}


def test_a_bad_input_that_is_found_later_but_went_in_earlier_spoils_what_came_out_since() -> None:
    """The yeast went in itself at 20; the paste that was made of it had gone in at 8, which is found a level later."""
    told = [
        made(1, 20, ["yeast"], ["last loaf"], "baking"),
        made(2, 5, ["yeast"], ["paste"]),
        made(3, 8, ["paste"], ["first loaf"], "baking"),
        made(4, 7, ["flour"], ["clean loaf"], "baking"),
    ]
    found = forward(Known(facts(each) for each in told), [Seed("yeast")])
    assert found.since == {"yeast": 0, "last loaf": 20, "paste": 5, "first loaf": 8}
