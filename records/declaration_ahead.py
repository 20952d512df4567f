"""When what a form says was first declared: by that the time ahead of the operation is counted. Pure.

Only what was declared validly counts, what the rules refused does not: who asks twice has still asked too late. What an
authority refused was declared and looked at, so it counts.
"""

from collections.abc import Sequence

from records.declaration_form import Form
from records.declaration_life import Version


def declared_ms(versions: Sequence[Version], form: Form, now: int, more_share: float) -> int:
    """The time (ms UTC) since which everything in ``form`` is declared, ``now`` where something in it is new.

    New are goods (UN number), more of them than was declared by more than ``more_share`` (of 1), and an operation that
    comes earlier.
    """
    valid = [each for each in versions if not any(reason.rule for reason in each.reasons)]
    since = [next((each.time for each in valid if each.form.operation <= form.operation), now)]
    for un, mass_t in _masses_t(form).items():
        known_t = mass_t / (1 + more_share)
        since.append(next((each.time for each in valid if _masses_t(each.form).get(un, 0) >= known_t), now))
    return max(since)


def _masses_t(form: Form) -> dict[str, float]:
    """Tonnes by UN number, over all lines."""
    found: dict[str, float] = {}
    for line in form.goods:
        found[line.un] = found.get(line.un, 0.0) + line.mass_t
    return found
