"""The values in a data segment: one for each factor and field, with its flag, name and unit."""

import math
import re

import msgspec

from streams.sources.hj212.factors import STATISTICS, code_of_2017, field_name
from streams.sources.hj212.segment import Group, Segment
from topics.finding import Text

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
#: A code becomes the quantity of a series id.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")
_FLAG = re.compile(r"[A-Za-z0-9]")

#: A value whose device says that it has none: this stands where the statistic would.
_FLAG_ALONE = {"2051": "Avg", "2061": "Avg", "2031": "Avg"}


class Value(msgspec.Struct):
    """One field of one factor. ``code`` is that of 2017, ``sent_code`` the one that came (2005's differ).

    ``flag`` is None where none came; ``text`` is the value as sent; ``problem`` says why it is no reading.
    """

    code: str
    sent_code: str
    field: str
    value: float | None
    flag: str | None
    text: str
    sample_time: str = ""
    problem: Text | None = None

    @property
    def measured(self) -> bool:
        """Whether it is a reading: a statistic without a problem."""
        return self.problem is None and self.field in STATISTICS


def values_of(segment: Segment) -> list[Value]:
    """All values of a segment, in its order; what cannot be read carries its problem."""
    values: list[Value] = []
    for group in segment.groups:
        values += _values(group, _FLAG_ALONE.get(segment.cn, "Rtd"))
    return values


def _values(group: Group, alone: str) -> list[Value]:
    fields = {field_name(name): text for name, text in group.fields.items()}
    flag = fields.pop("Flag", "").upper() or None
    fields.pop("EFlag", None)  # the vendor's own; the frame itself keeps it
    sample_time = fields.pop("SampleTime", "")
    code, problem = code_of_2017(group.code), _group_problem(group.code, flag)
    values = [
        Value(code, group.code, field, number(text), flag, text, sample_time, problem or _problem(field, text, flag))
        for field, text in fields.items()
    ]
    if not values and flag is not None:  # the instrument says only why it has no value
        values = [Value(code, group.code, alone, None, flag, "", sample_time, problem)]
    return values


def number(text: str) -> float | None:
    """The finite decimal number a text is, ``None`` where it is none (NaN, 1_000, 0x1, empty)."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _group_problem(code: str, flag: str | None) -> Text | None:
    if not _CODE.fullmatch(code):
        return Text(f"因子编码“{code[:40]}”不合法", f'factor "{code[:40]}": not a code')
    if flag is not None and not _FLAG.fullmatch(flag):
        return Text(
            f"{code} 的 Flag“{flag[:40]}”不是一个字符", f'{code}-Flag: expected one character, got "{flag[:40]}"'
        )
    return None


def _problem(field: str, text: str, flag: str | None) -> Text | None:
    if field not in STATISTICS or number(text) is not None:
        return None
    if not text and flag not in (None, "N"):  # no value, and the flag says why: a reading without a value
        return None
    return Text(f"{field} 的值“{text[:40]}”不是数字", f'{field}: expected a number, got "{text[:40]}"')
