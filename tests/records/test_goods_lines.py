"""Lines of goods of several yards as one, and what they add up to."""

import math

import numpy as np

from records.goods_lines import together, vocabulary
from records.responder_card import near
from records.stays import Box, Place
from records.stock import Stock
from tests.records.card_by_hand import Placed, by_hand
from topics.events import Goods
from topics.goods import load_goods

NITRATE, SODIUM = Goods("1942", "X", "5.1", 20.1, ("8",)), Goods("1428", "X", "4.3", 0.25)


def filled(stock: Stock, *boxes: Box) -> Stock:
    for box in boxes:
        stock.put(box.container, [(box.since, box)])
    return stock


def test_two_yards_are_one_card_though_their_boxes_came_in_other_orders() -> None:
    words = vocabulary()
    near_by = filled(
        Stock(words),
        Box("B2", 1, (SODIUM, NITRATE, SODIUM), consignor="one", place=Place("P", 1, 1, 1)),
        Box("A1", 1, (), place=Place("P", 2, 1, 1)),
    )
    farther = filled(Stock(words), Box("C3", 1, (NITRATE,), consignor="two"), Box("A0", 1, (SODIUM,)))
    parts = [near_by.lines(None), farther.lines(None)]
    whole = together(parts)
    assert [box.container for box in whole.boxes] == ["A1", "B2", "A0", "C3"]
    assert whole.masses_t() == {"1428": 0.75, "1942": 40.2}
    owners = whole.words["owner"].words
    assert [owners[each] for each in whole.of_boxes("owner")] == ["", "one", "", "two"]
    places = [(10.0, 0.0), (0.0, 30.0), None, (0.0, 120.0)]
    at = np.array([(math.nan, math.nan) if each is None else each for each in places])
    placed = [Placed("yard", box, place) for box, place in zip(whole.boxes, places, strict=True)]
    assert near(whole, at, load_goods(), 180.0) == by_hand(placed, load_goods(), 180.0)


def test_no_yard_at_all_is_an_empty_card() -> None:
    shown = near(together([]), np.zeros((0, 2)), load_goods())
    assert shown == by_hand([], load_goods()) and together([]).masses_t() == {}
