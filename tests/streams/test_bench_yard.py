"""The yard's benchmark at a fiftieth: its moves find what brute force finds, and it would say so if not."""

from pytest import MonkeyPatch

from streams.bench_yard import bench_yard
from streams.judges.ground import Ground
from topics.domain_file import load_domains

(CARGO,) = (each for each in load_domains() if each.name == "cargo")


def test_every_move_is_answered_like_brute_force() -> None:
    told = bench_yard(CARGO, 300, 40, 40, 3, print)
    assert told["unlike_brute_force"] == 0 and told["checked"] == 40 and told["conflicts_per_move"] > 1


def test_a_ground_that_looks_too_near_is_found_out(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(Ground, "_reach", lambda ground, standing: 4.0)
    assert bench_yard(CARGO, 300, 40, 40, 3, print)["unlike_brute_force"] > 0
