"""The inventory's benchmark at a hundredth: its answers are those of a replay, and it would say so if not."""

from pytest import MonkeyPatch

from records.stock import Stock
from streams.bench_inventory import bench_inventory


def test_every_minute_is_answered_like_a_replay() -> None:
    told = bench_inventory(60, 3, 5, 10, 3, print)
    assert told["unlike_replay"] == 0 and told["events"] == 900 and set(told["answers"]) >= {"how_much", "where"}


def test_columns_that_forget_who_left_are_found_out(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(Stock, "_forget", lambda stock, span: None)
    assert bench_inventory(60, 3, 1, 10, 3, print)["unlike_replay"] > 0
