"""What one setting is: a row of the table with its default, what it is for, and what values it may have."""

import dataclasses
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

from topics.errors import ConfigurationError

#: What stands before every name in the environment.
PREFIX = "CITYBRAIN_"
#: The bounds of a TCP port; 0 is any free one or none, as the row says.
PORT = (0, 65_535)

Value = str | int | float | bool
Given = TypeVar("Given", bound=Value)

_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def setting(
    default: Given,
    help: str,
    *,
    between: tuple[float, float] | None = None,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Given:
    """A field of the table. ``between``: least and most of a number that would make no sense beyond, ``inf`` where
    only the least is bound; ``choices``: the words it may be; ``secret``: never printed.
    """
    row = {"default": default, "help": help, "between": between, "choices": choices, "secret": secret}
    return dataclasses.field(default=default, metadata=row)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the name carries its unit; the kind is that of the default."""

    name: str
    default: Value
    help: str
    between: tuple[float, float] | None
    choices: tuple[str, ...]
    secret: bool

    @classmethod
    def of(cls, field: "dataclasses.Field[Any]") -> "Setting":
        """The row that ``setting`` has made a field of."""
        return cls(field.name, **field.metadata)

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper()

    def read(self, text: str, where: str) -> Value:
        """The value that ``text`` spells. Raises ``ConfigurationError`` naming ``where`` it came from."""
        kind = type(self.default)
        if kind is bool:
            if text.casefold() not in _TRUTHS:
                raise ConfigurationError(f"{where}: expected true or false, got {text!r}")
            return _TRUTHS[text.casefold()]
        try:
            return kind(text)
        except ValueError:
            raise ConfigurationError(f"{where}: expected {kind.__name__}, got {text!r}") from None

    def check(self, value: Value) -> None:
        """Raises ``ConfigurationError`` where a value is beyond the bounds or none of the words of this row."""
        if self.choices and value not in self.choices:
            raise ConfigurationError(f"{self.name}: expected {' or '.join(self.choices)}, got {value!r}")
        if self.between is None or isinstance(value, str):
            return
        least, most = self.between
        if not least <= value <= most or value == inf:
            bounds = f"at least {least}" if most == inf else f"{least} to {most}"
            raise ConfigurationError(f"{self.name}: expected {bounds}, got {value}")
