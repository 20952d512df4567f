"""What the law says of accidents, as data: grades, kinds, clocks and who is told; each row says where it is from. Pure.

The product's own rows are ``alerts/accidents/decree_493.toml``; a city overrides them in a pack's ``facts.accidents``.
"""

from itertools import pairwise
from typing import Annotated

import msgspec

from topics.finding import Text

Count = Annotated[int, msgspec.Meta(ge=0)]
Money = Annotated[float, msgspec.Meta(ge=0, description="CNY")]
Seconds = Annotated[int, msgspec.Meta(gt=0)]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]


class Figures(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """People dead, missing, seriously injured (acute poisoning included) and slightly injured; direct loss in CNY."""

    deaths: Count = 0
    missing: Count = 0
    serious: Count = 0
    minor: Count = 0
    loss_cny: Money = 0.0


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One grade: reached where deaths, serious injuries *or* loss come up to its bound. ``rank`` higher = graver."""

    code: str
    rank: Annotated[int, msgspec.Meta(ge=1)]
    title: Text
    deaths: Count
    serious: Count
    loss_cny: Money
    source: str
    confirmed: bool

    def reached(self, figures: Figures) -> bool:
        """Whether deaths, serious injuries or loss come up to this grade's bound."""
        return (
            figures.deaths >= self.deaths or figures.serious >= self.serious or figures.loss_cny >= self.loss_cny
        )  # fmt: skip


class Kind(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What sort of accident it is; ``change_days`` where its casualties are counted for fewer days than others'."""

    code: str
    title: Text
    source: str
    confirmed: bool
    change_days: Days | None = None


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds within which something must be done."""

    within_s: Seconds
    source: str
    confirmed: bool


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days after the accident within which a change of casualties counts."""

    days: Days
    source: str
    confirmed: bool


class Up(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The authorities a grade goes up to, the nearest first."""

    to: tuple[str, ...]
    source: str
    confirmed: bool


class Climb(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told, step by step and over which channels, when something owed is overdue."""

    steps: tuple[str, ...]
    every_s: Seconds
    source: str
    confirmed: bool
    channels: tuple[str, ...] = ("cap",)


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. ``follow_up`` and ``up`` are by the code of a grade; ``titles`` names authorities and steps.

    Raises ``ValueError`` where grades are not in order, or a table names a grade that is not there.
    """

    grades: tuple[Grade, ...]
    kinds: tuple[Kind, ...]
    change: Change
    initial: Clock
    pass_up: Clock
    final: Clock
    follow_up: dict[str, Clock]
    up: dict[str, Up]
    climb: Climb
    titles: dict[str, Text]
    most_extension_days: Count
    final_again_s: Seconds

    def __post_init__(self) -> None:
        ordered = sorted(self.grades, key=lambda each: each.rank)
        if not ordered or (ordered[0].deaths, ordered[0].serious, ordered[0].loss_cny) != (0, 0, 0):
            raise ValueError("accidents.grades: expected the mildest grade to begin at 0 deaths, injuries and loss")
        for mild, grave in pairwise(ordered):
            if mild.rank == grave.rank or not (
                mild.deaths < grave.deaths and mild.serious < grave.serious and mild.loss_cny < grave.loss_cny
            ):
                raise ValueError(f"accidents.grades: expected {grave.code} to begin above {mild.code} in every figure")
        codes = {each.code for each in self.grades}
        for name, table in (("follow_up", self.follow_up), ("up", self.up)):
            if set(table) != codes:
                raise ValueError(f"accidents.{name}: expected a row for each of {sorted(codes)}, got {sorted(table)}")
        if not self.kinds:
            raise ValueError("accidents.kinds: expected at least one kind, got none")

    def grade_of(self, figures: Figures) -> Grade:
        """The gravest grade that these figures reach."""
        return max((each for each in self.grades if each.reached(figures)), key=lambda each: each.rank)

    def grade(self, code: str) -> Grade:
        """The grade of this code. Raises ``LookupError`` where there is none."""
        found = next((each for each in self.grades if each.code == code), None)
        if found is None:
            raise LookupError(f"grade: expected one of {', '.join(each.code for each in self.grades)}, got {code!r}")
        return found

    def kind(self, code: str) -> Kind:
        """The kind of this code. Raises ``LookupError`` where there is none."""
        found = next((each for each in self.kinds if each.code == code), None)
        if found is None:
            raise LookupError(f"kind: expected one of {', '.join(each.code for each in self.kinds)}, got {code!r}")
        return found

    def change_days(self, kind: str) -> int:
        """Days within which a change of casualties counts. Raises ``LookupError`` for a kind there is not."""
        return self.kind(kind).change_days or self.change.days

    def follow_up_s(self, grade: str) -> int:
        """Seconds between two reports at most while the rescue goes on, at this grade."""
        return self.follow_up[grade].within_s

    def up_to(self, grade: str) -> tuple[str, ...]:
        """The authorities that a report of this grade goes up to, the nearest first."""
        return self.up[grade].to

    def title(self, name: str) -> Text:
        """What an authority or a step is called."""
        return self.titles.get(name, Text(name, name))
