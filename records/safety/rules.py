"""The one table of rules of safety work. To add one: write its file, name it here."""

from collections.abc import Iterator

from records.safety.commitment_missing import CommitmentMissing
from records.safety.commitment_untrue import CommitmentUntrue
from records.safety.guarantor_missing import GuarantorMissing
from records.safety.overdue import DangerOverdue, VisitOverdue
from records.safety.special_work import SpecialWork
from records.safety.standing import Picture, Rule, Standing
from records.safety.static_grade import GradeExpiry

RULES: tuple[Rule, ...] = (
    CommitmentMissing(),
    CommitmentUntrue(),
    SpecialWork(),
    GuarantorMissing(),
    GradeExpiry(),
    VisitOverdue(),
    DangerOverdue(),
)


def all_standing(picture: Picture, now: int) -> Iterator[Standing]:
    """What every rule says whose part the terms have."""
    for rule in RULES:
        if getattr(picture.terms, rule.part) is not None:
            yield from rule.standing(picture, now)
