"""A message of any type with all its fields filled in: for tests of readers when some are missing or unknown."""

import re
from typing import Any

import msgspec
from msgspec import inspect

#: Texts that patterns of messages ask for; the first that fits is taken.
TEXTS = ("x", "1942", "5.1", "II", "2026-01-01", "120116", "F-A, S-B", "a" * 16, "a" * 64, "https://a.example/b")


#: A field that no version has.
UNHEARD = {"unheard-of": {"mood": [1, "good"]}}


def whole(kind: Any, *, unheard: bool = False) -> dict[str, Any]:
    """The message as JSON has it; ``unheard``: with a field nobody knows, in each of its parts too.

    Raises ``AssertionError`` for a pattern that no text above fits.
    """
    made: dict[str, Any] = _value(inspect.type_info(kind), UNHEARD if unheard else {})
    return made


def _value(kind: inspect.Type, more: dict[str, Any]) -> Any:
    match kind:
        case inspect.Metadata():
            return _value(kind.type, more)
        case inspect.StructType():
            fields = {each.encode_name: _value(each.type, more) for each in kind.fields}
            if kind.array_like:
                return list(fields.values())
            return ({kind.tag_field: kind.tag} if kind.tag_field else {}) | fields | more
        case inspect.UnionType():
            return _value(next(each for each in kind.types if not isinstance(each, inspect.NoneType)), more)
        case inspect.VarTupleType() | inspect.ListType():
            return [_value(kind.item_type, more)]
        case inspect.TupleType():
            return [_value(each, more) for each in kind.item_types]
        case inspect.NamedTupleType():
            return [_value(each.type, more) for each in kind.fields]
        case inspect.DictType():
            return {_value(kind.key_type, more): _value(kind.value_type, more)}
    return _plain(kind)


def _plain(kind: inspect.Type) -> Any:
    match kind:
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.StrType():
            fitting = [text for text in TEXTS if re.search(kind.pattern or "", text)]
            assert fitting, f"no text fits {kind.pattern}"
            return fitting[0]
        case inspect.IntType() | inspect.FloatType():
            return _number(kind)
        case inspect.BoolType():
            return True
        case inspect.BytesType():
            return "eA=="
        case inspect.DateType():
            return "2026-01-01"
        case inspect.NoneType():
            return None
        case inspect.AnyType() | inspect.RawType():
            return {}
    raise AssertionError(f"no value for {kind}")


def _number(kind: inspect.IntType | inspect.FloatType) -> int:
    low = kind.ge if kind.ge is not None else (kind.gt or 0) + 1
    return round(min(low, kind.le if kind.le is not None else low))


def optional_of(kind: type[msgspec.Struct]) -> tuple[list[str], list[str]]:
    """Names of the fields that may be missing, and of those that may not."""
    fields = msgspec.structs.fields(kind)
    return [each.encode_name for each in fields if not each.required], [
        each.encode_name for each in fields if each.required
    ]
