"""A small run of the benchmark of evidence packs: every part is there, and each pack verifies."""

from streams.bench_evidence import bench_evidence
from topics.domain_file import load_domains


def test_packs_from_a_real_history_lack_nothing_and_verify() -> None:
    (pack,) = (each for each in load_domains() if each.name == "pollution")
    told = bench_evidence(pack, 2, 1, 2, 1, lambda _: None)
    assert (told["packs"], told["faults"], told["missing"]) == (2, 0, [])
    assert told["readings"] == 2 * 4 * 1440 and told["raw_frames_bytes"] > 1440 * 200
    assert told["wall_ms"]["max"] >= told["wall_ms"]["p50"] > 0
