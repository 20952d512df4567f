"""IMDG 7.2.4 as a rule: the table, subsidiary hazards, goods-list rules, distances."""

import random

import pytest

from detectors.rules.segregation import Hazard, Standing, read_matrix
from streams.judges.segregation_editions import segregation_of
from topics.goods import load_goods
from topics.segregation_rules import Side, load_overrides
from topics.segregation_table import load_segregation

TABLE, LISTS, GOODS = load_segregation(), load_overrides(), load_goods()
RULE = segregation_of(TABLE, LISTS)


def goods(un: str) -> Hazard:
    entry = GOODS[un]
    return Hazard(un, entry.hazard_class, entry.subsidiary, entry.groups)


def box(container: str, un: str, x: float = 0.0, y: float = 0.0, space: str = "") -> Standing:
    return Standing(container, space, x, y, (goods(un),))


def test_the_table_is_square_and_symmetric() -> None:
    table = load_segregation()
    matrix = read_matrix(table.columns, table.rows)
    assert len(matrix) == 17 * 17
    for one, other in matrix:
        assert matrix[one, other] == matrix[other, one]


def test_a_table_unlike_its_mirror_is_refused() -> None:
    with pytest.raises(ValueError, match="symmetric"):
        read_matrix(("3", "8"), ("X 1", "2 X"))
    with pytest.raises(ValueError, match="2 rows of 2 marks"):
        read_matrix(("3", "8"), ("X 1", "1"))


@pytest.mark.parametrize(
    ("one", "other", "code", "rule"),
    [
        ("2002", "2558", 2, "table"),  # 4.2 with 6.1 (3): the subsidiary hazard is the more stringent
        ("1489", "1653", 2, "SG49"),  # table says 1, the goods list 2
        ("1942", "2556", 2, "SG16"),  # table says 1 between 5.1 and 4.1
        ("1428", "1942", 2, "table"),
        ("1689", "1830", 2, "SG35"),  # table says X: acid frees hydrogen cyanide
        ("1942", "1869", 2, "SG16"),  # magnesium in pellets is no powdered metal of SGG15, but of class 4.1
        ("1942", "1489", 2, "SG38"),  # and SG58
        ("1428", "1203", 2, "table"),  # older tables: 1
        ("1402", "1075", 2, "table"),  # older tables: X
        ("1830", "1823", 2, "SG35"),  # acid and alkali are both of class 8
        ("1849", "1789", 2, "SG35"),  # so are sulphide and acid, which frees hydrogen sulphide
        ("2556", "2558", 1, "SG7"),  # from class 3, and 6.1 (3) counts as such
        ("2556", "1653", 1, "SG30"),
        ("1005", "1017", 2, "SG46"),
        ("1203", "1830", 0, "table"),
        ("3480", "0209", 0, "table"),
        ("2014", "2014", 0, "same goods"),  # 5.1 (8): 5.1 and 8 ask for distance, but not from itself
        ("0209", "1203", 4, "table"),
    ],
)
def test_known_pairs_in_both_directions(one: str, other: str, code: int, rule: str) -> None:
    for first, second in ((one, other), (other, one)):
        asked = RULE.require(goods(first), goods(second))
        assert (asked.code, asked.rule) == (code, rule)


def test_class_1_goes_by_compatibility_group() -> None:
    def code(one: str, other: str) -> int:
        return RULE.require(Hazard("0001", one), Hazard("0002", other)).code

    assert code("1.1D", "1.3C") == 0
    assert code("1.1D", "1.4S") == 0
    assert code("1.1L", "1.4S") == 2
    assert code("1.1D", "1.1A") == 2
    assert code("1.1D", "1.3G") == 2  # only articles may, and a number does not tell
    assert code("1.1L", "1.2L") == 2  # only of the same type
    assert code("1.3G", "1.4G") == 0


def test_a_goods_list_rule_never_asks_for_less_than_the_table() -> None:
    desensitized = Hazard("9999", "4.1", ("1.1D",))
    assert RULE.require(goods("1942"), desensitized).code == 4  # SG16 alone would be content with 2


def test_a_division_the_table_does_not_know_counts_as_the_worst_of_its_class() -> None:
    assert RULE.require(Hazard("9999", "2"), Hazard("0209", "1.1D")).code == 4
    with pytest.raises(ValueError, match="hazard class"):
        RULE.require(Hazard("9999", "0"), Hazard("0209", "1.1D"))


def test_distance_is_between_walls_and_nothing_counts_between_spaces() -> None:
    sodium, nitrate = box("A", "1428"), box("B", "1942", x=RULE.box_length_m + 5.9)
    found = RULE.conflict(sodium, nitrate)
    assert found is not None and found.gap_m == pytest.approx(5.9) and found.least_m == 6.0
    assert RULE.conflict(sodium, box("B", "1942", x=RULE.box_length_m + 6.0)) is None
    assert RULE.conflict(sodium, box("B", "1942", space="other")) is None


def test_boxes_on_top_of_each_other_and_goods_in_one_box_have_no_gap() -> None:
    on_top = RULE.conflict(box("A", "1942"), box("B", "2556"))
    assert on_top is not None and on_top.gap_m == 0
    mixed = Standing("A", "", 0, 0, (goods("1689"), goods("1830")))
    assert [each.rule for each in RULE.conflicts(mixed, [])] == ["SG35"]
    assert RULE.conflicts(box("A", "1942"), []) == []


def plain_code(one: Hazard, other: Hazard) -> int:
    """The rule said a second time, straight from the printed table."""
    table, lists = TABLE, LISTS
    if one.un == other.un:
        return 0

    def one_of(side: Side, hazard: Hazard) -> bool:
        its = {hazard.hazard_class.rstrip("ABCDEFGHJKLNS"), *hazard.subsidiary}
        return hazard.un in side.uns or side.group in hazard.groups or bool(its & set(side.classes))

    special = [
        each.require
        for each in lists
        for a, b in ((one, other), (other, one))
        if one_of(each.first, a) and one_of(each.second, b)
    ]
    worst = max(special, default=0)
    for mine in [one.hazard_class, *one.subsidiary]:
        for theirs in [other.hazard_class, *other.subsidiary]:
            row, column = (
                table.same_row.get(each.rstrip("ABCDEFGHJKLNS"), each.rstrip("ABCDEFGHJKLNS"))
                for each in (mine, theirs)
            )
            mark = table.rows[table.columns.index(row)].split()[table.columns.index(column)]
            if mark == "*":
                together = mine[-1] == theirs[-1] != "L" or any(
                    mine[-1] in each and theirs[-1] in each for each in table.within_class_1.together
                )
                mark = "0" if together else "2"
            worst = max(worst, int(mark) if mark.isdigit() else 0)
    return worst


def test_every_pair_of_the_goods_list_agrees_with_the_plain_reading() -> None:
    every = [goods(un) for un in GOODS]
    for one in every:
        for other in every:
            assert RULE.require(one, other).code == plain_code(one, other), (one.un, other.un)


def test_conflicts_of_a_random_yard_agree_with_brute_force() -> None:
    rng = random.Random(7)
    uns = sorted(GOODS)
    yard = [box(f"C{i:03}", rng.choice(uns), rng.uniform(0, 60), rng.uniform(0, 40)) for i in range(60)]
    found = {(each.first, each.second, each.code) for standing in yard for each in RULE.conflicts(standing, yard)}
    expected = set()
    for i, one in enumerate(yard):
        for other in yard[i + 1 :]:
            dx = max(0.0, abs(one.x_m - other.x_m) - 6.1)
            dy = max(0.0, abs(one.y_m - other.y_m) - 2.44)
            code = plain_code(one.hazards[0], other.hazards[0])
            if code and (dx * dx + dy * dy) ** 0.5 < {1: 3.0, 2: 6.0, 3: 12.0, 4: 24.0}[code]:
                expected.add((one.container, other.container, code))
    assert found == expected
    assert len(expected) > 50
