"""Matchers over labels, with the syntax and meaning of Alertmanager: ``name``, one of ``= != =~ !~``, a value.

Expressions are RE2 and must match the whole value, so that neither a forgotten anchor nor a clever pattern
can mute or hang more than was meant. A label that is not there counts as one with an empty value.

>>> parse_matcher('severity=~"red|orange"').matches({"severity": "red"})
True
>>> str(parse_matcher(" site != tank 7 "))
'site!="tank 7"'
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import re2

#: Prometheus' label names.
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

_BLANK = r"[\t\n\f\r ]*"
_PARTS = re.compile(
    rf'{_BLANK}(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*|"(?:[^"\\]|\\.)*")'
    rf"{_BLANK}(?P<sign>=~|=|!=|!~){_BLANK}(?P<value>.*?){_BLANK}",
    re.DOTALL,
)
#: The sign of a matcher by (is_equal, is_regex).
_SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}
_KINDS = {sign: kind for kind, sign in _SIGNS.items()}
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}

#: RE2's own bound on a compiled expression; its complaints go to the caller, not to standard error.
_OPTIONS = re2.Options()
_OPTIONS.max_mem = 1 << 20
_OPTIONS.log_errors = False


class Matcher(msgspec.Struct, frozen=True):
    """One condition on one label. Made by ``matcher`` or ``parse_matcher``, which see to it that a regex compiles."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the label, empty where it is missing, is as wanted."""
        found = labels.get(self.name, "")
        hit = anchored(self.value).fullmatch(found) is not None if self.is_regex else found == self.value
        return hit == self.is_equal

    @property
    def sign(self) -> str:
        """``=``, ``!=``, ``=~`` or ``!~``."""
        return _SIGNS[self.is_equal, self.is_regex]

    def __str__(self) -> str:
        name = self.name if NAME.fullmatch(self.name) else f'"{_escape(self.name)}"'
        return f'{name}{self.sign}"{_escape(self.value)}"'


def matcher(name: str, value: str, *, is_regex: bool = False, is_equal: bool = True) -> Matcher:
    """A matcher. Raises ``ValueError`` for an expression that is not RE2."""
    if is_regex:
        anchored(value)
    return Matcher(name, value, is_regex, is_equal)


def parse_matcher(text: str) -> Matcher:
    """The matcher of a filter, its value bare or in double quotes (``\\"``, ``\\n`` and ``\\\\`` escaped).

    Raises ``ValueError`` in Alertmanager's words.
    """
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise ValueError(f"bad matcher format: {text}")
    name, value = parts["name"], parts["value"]
    if name.startswith('"'):
        name = _unescape(name[1:-1])
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"') or _odd_backslashes_before_end(value):
            raise ValueError(f"matcher value contains unescaped double quote: {value}")
        bare = value[1:-1]
    else:
        bare = value
    if re.search(r'(?<!\\)(?:\\\\)*"', bare):
        raise ValueError(f"matcher value contains unescaped double quote: {value}")
    is_equal, is_regex = _KINDS[parts["sign"]]
    return matcher(name, _unescape(bare), is_regex=is_regex, is_equal=is_equal)


@lru_cache(maxsize=4096)
def anchored(expression: str) -> Any:
    """The compiled expression, to be asked by ``fullmatch``. Raises ``ValueError`` for what is not RE2."""
    try:
        return re2.compile(expression, _OPTIONS)
    except re2.error as error:
        why = error.args[0]
        text = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise ValueError(f"error parsing regexp: {text}: `^(?:{expression})$`") from error


def _odd_backslashes_before_end(quoted: str) -> bool:
    inner = quoted[:-1]
    return (len(inner) - len(inner.rstrip("\\"))) % 2 == 1


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _unescape(text: str) -> str:
    """A backslash before anything else than n, a quote or a backslash stands for itself."""
    return re.sub(r"\\(.)", lambda hit: _ESCAPED.get(hit[1], hit[0]), text, flags=re.DOTALL)
