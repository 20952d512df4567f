"""The numbers of declarations: those of the pack with their sources, ours where it has none, nothing unusable."""

import pytest

from records.declaration_limits import limits_of
from streams.packs import load_packs
from topics.errors import ConfigurationError


def test_the_pack_that_ships_gives_each_number_with_its_source() -> None:
    (facts,) = (each.facts for each in load_packs() if each.name == "cargo")
    assert set(facts["declaration_limits"]) == set(limits_of({}).__struct_fields__)
    assert limits_of(facts) == limits_of({}), "what ships is what holds without a pack"


def test_a_city_has_its_own_and_what_it_leaves_out_is_ours() -> None:
    own = {"more_mass_share": {"value": 0.0, "source": "the port", "confirmed": True}}
    assert limits_of({"declaration_limits": own}).more_mass_share.value == 0.0
    assert limits_of({}).more_mass_share.value == 0.05 and not limits_of({}).more_mass_share.confirmed


@pytest.mark.parametrize(
    "row",
    [{"value": -0.1, "source": "x", "confirmed": True}, {"value": 0.1}, 0.1],
    ids=["negative", "without a source", "bare"],
)
def test_what_cannot_be_used_names_the_row(row: object) -> None:
    with pytest.raises(ConfigurationError, match=r"facts\.declaration_limits: .*more_mass_share"):
        limits_of({"declaration_limits": {"more_mass_share": row}})
