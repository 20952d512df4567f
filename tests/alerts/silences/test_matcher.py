"""Matchers: the syntax and meaning of Alertmanager, held by its own examples and by round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.silences.matcher import Matcher, matcher, parse_matcher

NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,9}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(NAMES, VALUES, st.booleans())
def test_what_is_written_is_read_back(name: str, value: str, is_equal: bool) -> None:
    made = matcher(name, value, is_equal=is_equal)
    assert parse_matcher(str(made)) == made


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10), VALUES)
def test_so_is_a_name_that_only_newer_versions_know(name: str, value: str) -> None:
    made = matcher(name, value)
    assert parse_matcher(str(made)) == made


@given(VALUES)
def test_any_text_is_either_a_matcher_or_refused_with_a_sentence(text: str) -> None:
    try:
        made = parse_matcher(text)
    except ValueError as error:
        assert str(error)
    else:
        assert parse_matcher(str(made)) == made


@pytest.mark.parametrize(
    ("text", "name", "sign", "value"),
    [
        ("alertname=GasHH", "alertname", "=", "GasHH"),
        (' site != "tank 7" ', "site", "!=", "tank 7"),
        ('severity=~"red|orange"', "severity", "=~", "red|orange"),
        ("severity!~red", "severity", "!~", "red"),
        ("site=", "site", "=", ""),
        ('quote="She said: \\"Hi, ladies!\\""', "quote", "=", 'She said: "Hi, ladies!"'),
        (r"path=C:\temp", "path", "=", "C:\\temp"),
        (r'line="a\nb\\"', "line", "=", "a\nb\\"),
        ("alertname=bad{", "alertname", "=", "bad{"),
        ('"站点"="一号罐区"', "站点", "=", "一号罐区"),
        ("a:b=c", "a:b", "=", "c"),
    ],
)
def test_both_ways_in_which_amtool_writes_a_matcher(text: str, name: str, sign: str, value: str) -> None:
    found = parse_matcher(text)
    assert (found.name, found.sign, found.value) == (name, sign, value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "bad matcher format: "),
        ("a", "bad matcher format: a"),
        ("1a=b", "bad matcher format: 1a=b"),
        ('a="', 'unescaped double quote: "'),
        ('a="b', 'unescaped double quote: "b'),
        ('a="b\\"', "unescaped double quote"),
        ('a=b"c', "unescaped double quote"),
        ('a=~"("', r"error parsing regexp: .*: `\^\(\?:\(\)\$`"),
        (r'a=~"(x)\1"', "error parsing regexp"),
    ],
)
def test_what_is_no_matcher_is_refused_in_alertmanagers_words(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_matcher(text)


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("site=a", {"site": "a"}, {"site": "ab"}),
        ("site!=a", {}, {"site": "a"}),
        ("site=", {}, {"site": "a"}),
        ("site!=", {"site": "a"}, {}),
        ("site=~a|b", {"site": "b"}, {"site": "ab"}),
        ("site=~a", {"site": "a"}, {"site": "aa"}),
        ("site=~", {}, {"site": "a"}),
        ("site!~a.*", {"site": "b"}, {"site": "ab"}),
        ("site=~.+", {"site": "x"}, {}),
    ],
)
def test_expressions_match_the_whole_value_and_a_missing_label_is_empty(
    text: str, yes: dict[str, str], no: dict[str, str]
) -> None:
    assert parse_matcher(text).matches(yes)
    assert not parse_matcher(text).matches(no)


def test_no_expression_hangs_the_server() -> None:
    """A backtracking engine would need longer than the age of the world for this one."""
    assert not parse_matcher('a=~"(x+x+)+y"').matches({"a": "x" * 5000})


def test_matchers_are_compared_by_what_they_say() -> None:
    assert parse_matcher('a="b"') == parse_matcher(" a = b ") == Matcher("a", "b")
