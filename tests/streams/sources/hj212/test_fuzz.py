"""A small part of the fuzz that `citybrain bench gateway --fuzz` runs whole (ten million bytes)."""

from streams.sources.hj212.fuzz import fuzz_gateway


def test_fuzzed_bytes_crash_nothing_and_fill_nothing() -> None:
    told = fuzz_gateway(300_000, seed=7)
    assert told["bytes"] == 300_000
    assert told["pieces"] > 1_000 and told["records"] > 500 and told["counts"]["decrypted"] > 10
    assert told["growth_mb"] < 20


def test_equal_seeds_give_equal_fuzz() -> None:
    one, two = fuzz_gateway(20_000, seed=3), fuzz_gateway(20_000, seed=3)
    assert (one["pieces"], one["counts"]) == (two["pieces"], two["counts"])
