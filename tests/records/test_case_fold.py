"""Events are folded in their order; a case without a beginning is told by its kind."""

import pytest

from records.case_fold import first_event, fold_case


def written(made: str | None, event: str) -> str:
    return f"<{event}>" if made is None else made + event


def test_the_first_event_begins_the_case_and_the_others_follow_in_order() -> None:
    assert fold_case(["a", "b", "c"], written, "letter", "opens") == "<a>bc"


def test_a_case_of_no_events_and_one_that_begins_otherwise_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^letter: expected at least the event that opens it, got none$"):
        fold_case([], written, "letter", "opens")
    assert first_event("a", str, "letter", "opens") == "a"
    with pytest.raises(ValueError, match=r"^letter: expected the event that opens it first, got int$"):
        first_event(3, str, "letter", "opens")
