"""The card's benchmark at a hundredth: a card of the past is the card of a replay, and it would say so if not."""

from pytest import MonkeyPatch

from records.stock import Stock
from streams.bench_card import bench_card
from topics.domain_file import load_domains

(CARGO,) = (each for each in load_domains() if each.name == "cargo")


def test_the_card_of_each_minute_is_the_card_of_a_city_played_to_it() -> None:
    told = bench_card(CARGO, 80, 3, 12, 12, 3, print)
    assert told["unlike_replay"] == 0 and told["checked"] == 12
    assert 40 < told["boxes_on_card"] < 120 and told["substances"] > 10 and told["boxes_named"] > 40
    assert set(told["cards"]) == {"now", "past"} and told["cards"]["past"]["cpu_ms"]["p50"] > 0


def test_a_yard_that_forgets_who_left_is_found_out(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(Stock, "_forget", lambda stock, span: None)
    told = bench_card(CARGO, 80, 3, 6, 6, 3, print)
    assert told["unlike_replay"] > 0 and not told["kept"]
