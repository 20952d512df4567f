"""What a silence covers, and what it never does."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.silences.coverage import covering, silencing
from tests.alerts.silences.test_silence import HOUR, NOW, silence

LABELS = {"domain": "safety", "site": "tank-farm-1", "severity": "yellow"}


def test_all_matchers_of_a_silence_must_match() -> None:
    both = silence("site=tank-farm-1", "severity=yellow", id="both")
    other = silence("site=tank-farm-1", "severity=orange", id="other")
    assert [each.id for each in silencing(LABELS, [both, other], NOW, top=False)] == ["both"]


def test_only_an_active_silence_covers() -> None:
    one = silence(starts_at=NOW + 1, id="one")
    found = [bool(silencing(LABELS, [one], NOW + at, top=False)) for at in (0, 1, HOUR - 1, HOUR)]
    assert found == [False, True, True, False]


def test_an_alarm_of_several_alerts_is_covered_only_when_each_of_them_is() -> None:
    sda, sdb = {"instance": "a", "device": "sda"}, {"instance": "a", "device": "sdb"}
    first, second = silence("device=sda", id="1"), silence("device=sdb", id="2")
    assert covering([sda, sdb], [first], NOW, top=False) == []
    assert [each.id for each in covering([sda, sdb], [first, second], NOW, top=False)] == ["1", "2"]
    assert covering([], [first], NOW, top=False) == [], "what has no labels is announced"


def test_the_top_severity_needs_the_role_and_the_word() -> None:
    red = LABELS | {"severity": "red"}
    plain = silence("site=tank-farm-1", id="plain")
    role_only = silence("site=tank-farm-1", id="role", may_cover_top=True)
    word_only = silence("severity=red", id="word")
    both = silence("severity=red", id="both", may_cover_top=True)
    everything = [plain, role_only, word_only, both]
    assert [each.id for each in silencing(red, everything, NOW, top=True)] == ["both"]
    assert [each.id for each in silencing(LABELS, everything, NOW, top=False)] == ["plain", "role"]


@given(
    st.lists(st.tuples(st.sampled_from(["site=tank-farm-1", "severity=~red|yellow", "domain=~.+"]), st.booleans())),
    st.integers(-HOUR, 2 * HOUR),
)
def test_whatever_silences_there_are_red_is_announced_unless_a_role_asked_for_it(
    given_silences: list[tuple[str, bool]], at: int
) -> None:
    silences = [silence(text, id=str(n), may_cover_top=may) for n, (text, may) in enumerate(given_silences)]
    covered = covering([LABELS | {"severity": "red"}], silences, NOW + at, top=True)
    assert all(each.may_cover_top and each.names_severity and 0 <= at < HOUR for each in covered)
