"""What is accepted as a password, how it is kept, and how guessing is slowed down."""

import pytest

from alerts.accounts.passwords import COMMON, SHORTEST, Passwords, require_good
from alerts.accounts.refusal import Refused
from alerts.accounts.throttle import REMEMBERED, Throttle
from tests.alerts.accounts.conftest import CHEAP


@pytest.mark.parametrize(
    "good", ["seven blue kilns at dusk", "滨海新区的夜班总是很长很安静", "xK3!vv0q-Lw9", "🌊🌊 over the 堤 today"]
)
def test_any_characters_make_a_good_password_if_there_are_enough(good: str) -> None:
    require_good(good, "wang")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("short one", "has 12 to 128 characters, this has 9"),
        ("x" * 129, "this has 129"),
        ("Password1234", "everybody tries"),
        ("aaaaaaaaaaaaaaaa", "everybody tries"),
        ("abcdefghijklmno", "everybody tries"),
        ("woaini1314520", "everybody tries"),
        ("wangwei-loves-tea", "account's or the system's name"),
        ("my CityBrain login", "account's or the system's name"),
    ],
)
def test_bad_passwords_are_refused_with_the_rule_they_break(bad: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        require_good(bad, "wangwei")


def test_the_common_list_holds_only_what_the_length_lets_through() -> None:
    assert len(COMMON) > 100
    assert [each for each in COMMON if len(each) < SHORTEST or each != each.casefold()] == []


def test_a_password_is_kept_as_argon2id_with_its_own_salt() -> None:
    first, second = CHEAP.hash("seven blue kilns"), CHEAP.hash("seven blue kilns")
    assert first.startswith("$argon2id$") and first != second
    assert CHEAP.matches(first, "seven blue kilns") and not CHEAP.matches(first, "seven blue kiln")
    assert not CHEAP.matches(None, "nobody has this password")
    assert not CHEAP.matches("not a hash", "x")


def test_the_same_password_from_another_keyboard_is_the_same() -> None:
    assert CHEAP.matches(CHEAP.hash("ｓｅｖｅｎ　ｋｉｌｎｓ１２"), "seven kilns12")


def test_older_parameters_are_noticed() -> None:
    assert Passwords(passes=2, memory_kib=8, lanes=1).outdated(CHEAP.hash("seven blue kilns"))
    assert not CHEAP.outdated(CHEAP.hash("seven blue kilns"))


def test_the_default_costs_what_the_standard_asks() -> None:
    """RFC 9106, section 4: argon2id, 3 passes, 64 MiB, 4 lanes where memory is short."""
    assert Passwords().hash("seven blue kilns").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_waits_double_up_to_the_longest_and_are_forgotten() -> None:
    throttle = Throttle(free=3, first_ms=1_000, longest_ms=8_000)
    now, waits = 0, []
    for _ in range(9):
        waits.append(throttle.begin("wang", now))
        now += waits[-1]
        if waits[-1]:
            assert throttle.begin("wang", now) == 0
    assert [wait for wait in waits if wait] == [1_000, 2_000, 4_000, 8_000, 8_000, 8_000][: sum(map(bool, waits))]
    assert throttle.begin("li", now) == 0  # another is not slowed down
    now += 100_000
    assert [throttle.begin("wang", now) for _ in range(3)] == [0, 0, 0]


def test_many_tries_at_once_gain_nothing() -> None:
    throttle = Throttle(free=5)
    assert sum(throttle.begin("wang", 0) == 0 for _ in range(100)) == 5


def test_a_right_password_forgets_and_an_address_gets_its_try_back() -> None:
    throttle = Throttle(free=2)
    assert throttle.begin("a", 0) == 0
    throttle.take_back("a")
    assert [throttle.begin("a", 0) == 0 for _ in range(3)] == [True, True, False]
    throttle.succeeded("a")
    assert throttle.begin("a", 0) == 0


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    throttle = Throttle()
    for number in range(REMEMBERED + 100):
        throttle.begin(str(number), 0)
    assert len(throttle._tries) == REMEMBERED
