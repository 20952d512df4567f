"""The rules of silences as time lines: what may be changed, what ends and begins anew, what is refused."""

from typing import Any

import msgspec
import pytest

from alerts.silences.matcher import matcher, parse_matcher
from alerts.silences.silence import Invalid, Policy, Refused, Silence, written

NOW = 1_700_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
POLICY = Policy(longest_ms=8 * HOUR, top=("red",))


def silence(*matchers: str, starts_at: int = NOW, ends_at: int = NOW + HOUR, **more: Any) -> Silence:
    wanted = [parse_matcher(each) for each in matchers or ("site=tank-farm-1",)]
    fields: dict[str, Any] = {
        "id": "",
        "matchers": tuple(wanted),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "created_by": "wang",
        "comment": "calibration",
    }
    return Silence(**(fields | more))


def write(wanted: Silence, previous: Silence | None = None, now: int = NOW) -> list[tuple[str, Silence]]:
    return list(written(wanted, previous, now, POLICY, "new"))


def made(wanted: Silence, now: int = NOW) -> Silence:
    (deed, done), *_ = write(wanted, now=now)
    assert deed == "created"
    return done


def test_a_silence_is_pending_then_active_then_expired() -> None:
    one = made(silence(starts_at=NOW + MINUTE))
    assert [one.state(NOW + each) for each in (0, MINUTE, HOUR - 1, HOUR)] == [
        "pending", "active", "active", "expired",
    ]  # fmt: skip


def test_a_start_in_the_past_becomes_now_because_what_was_announced_was_announced() -> None:
    one = made(silence(starts_at=NOW - HOUR))
    assert (one.id, one.starts_at, one.updated_at) == ("new", NOW, NOW)


def test_an_active_silence_can_be_given_another_end_and_another_comment() -> None:
    one = made(silence())
    longer = msgspec.structs.replace(one, ends_at=NOW + 2 * HOUR, comment="takes longer")
    assert write(longer, one, NOW + MINUTE) == [("updated", msgspec.structs.replace(longer, updated_at=NOW + MINUTE))]


def test_other_matchers_on_an_active_silence_end_it_and_make_a_new_one() -> None:
    one = made(silence())
    other = msgspec.structs.replace(one, matchers=(matcher("site", "tank-farm-2"),))
    (_, old), (_, new) = write(other, one, NOW + MINUTE)
    assert (old.id, old.ends_at, old.state(NOW + MINUTE)) == (one.id, NOW + MINUTE, "expired")
    assert (new.id, new.starts_at, new.matchers[0].value) == ("new", NOW + MINUTE, "tank-farm-2")


def test_an_active_silence_given_another_start_is_ended_too() -> None:
    one = made(silence())
    moved = msgspec.structs.replace(one, starts_at=NOW + 10 * MINUTE)
    assert [deed for deed, _ in write(moved, one, NOW + MINUTE)] == ["expired", "created"]


def test_a_pending_silence_can_be_moved_and_one_that_never_began_covers_nothing() -> None:
    one = made(silence(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR))
    moved = msgspec.structs.replace(one, starts_at=NOW + 2 * HOUR, ends_at=NOW + 3 * HOUR)
    assert [deed for deed, _ in write(moved, one)] == ["updated"]
    ended = one.ended(NOW + MINUTE)
    assert (ended.starts_at, ended.ends_at) == (NOW + MINUTE, NOW + MINUTE)
    assert ended.state(NOW + MINUTE) == "expired"


def test_an_expired_silence_is_never_woken_but_written_anew() -> None:
    one = made(silence()).ended(NOW + MINUTE)
    again = msgspec.structs.replace(one, ends_at=NOW + 3 * HOUR)
    ((deed, new),) = write(again, one, NOW + HOUR)
    assert (deed, new.id, new.starts_at) == ("created", "new", NOW + HOUR)
    assert one.ended(NOW + 2 * HOUR) == one


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (silence(ends_at=NOW), "start time must be before end time"),
        (silence(starts_at=NOW - HOUR, ends_at=NOW - 1), "end time can't be in the past"),
        (silence("site="), "at least one matcher must not match the empty string"),
        (silence("site=~.*", "domain=~.*"), "at least one matcher must not match the empty string"),
        (silence(matchers=()), "at least one matcher required"),
        (silence('"站"=x'), 'invalid label matcher 0: invalid label name "站"'),
        (silence(comment="x" * 10_001), "comment: expected at most 10000 characters, got 10001"),
    ],
)
def test_what_alertmanager_refuses_is_refused_in_its_words(wanted: Silence, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        write(wanted)


def test_a_silence_longer_than_the_setting_is_refused_with_a_sentence_in_both_languages() -> None:
    assert made(silence(ends_at=NOW + 8 * HOUR))
    assert made(silence(starts_at=NOW - 20 * HOUR, ends_at=NOW + 8 * HOUR)), "what has passed does not count"
    with pytest.raises(Refused) as refused:
        write(silence(ends_at=NOW + 9 * HOUR))
    assert refused.value.text.en.startswith("a silence lasts at most 8 h, got 9 h")
    assert refused.value.text.zh.startswith("静默最长 8 小时，请求了 9 小时")


@pytest.mark.parametrize("asked", ["severity=red", "severity=~red|orange", "severity=~.+"])
def test_the_top_severity_is_silenced_only_by_a_role_that_may(asked: str) -> None:
    with pytest.raises(Refused, match="top severity"):
        write(silence(asked))
    assert made(silence(asked, may_cover_top=True)).names_severity


@pytest.mark.parametrize("asked", ["severity=orange", "severity!=blue", "severity=~critical|warning"])
def test_a_silence_that_does_not_ask_for_the_top_severity_is_taken(asked: str) -> None:
    assert made(silence(asked))
