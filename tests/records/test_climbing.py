"""Steps fall due one after the other, each once, however late somebody asks."""

from records.climbing import step_at, steps_due

STEPS = ("leader", "city", "province")


def test_the_first_step_falls_due_at_its_moment_and_the_others_at_the_pace() -> None:
    assert list(steps_due(100, 60, STEPS, 0, 99)) == []
    assert list(steps_due(100, 60, STEPS, 0, 100)) == [(100, "leader", 1)]
    assert list(steps_due(100, 60, STEPS, 0, 10_000)) == [
        (100, "leader", 1), (160, "city", 2), (220, "province", 3),
    ]  # fmt: skip


def test_what_is_taken_is_not_due_again_and_after_the_last_there_is_none() -> None:
    assert list(steps_due(100, 60, STEPS, 1, 10_000)) == [(160, "city", 2), (220, "province", 3)]
    assert list(steps_due(100, 60, STEPS, 3, 10_000)) == []
    assert step_at(100, 60, 3) == 220
