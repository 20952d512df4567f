"""What units of plants say of themselves, as the alert server knows it, and what that asks of an alarm. Pure."""

from collections.abc import Iterable, Sequence

from alerts.lifecycle import Alarm, DesignOver, SuppressedByDesign
from topics.finding import Finding
from topics.unit_state import UnitState

Action = SuppressedByDesign | DesignOver


class UnitStates:
    """The newest state of each unit."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], dict[str, UnitState]] = {}

    def put(self, state: UnitState) -> bool:
        """Take a state unless a newer one is known; whether it was taken."""
        here = self._known.setdefault((state.domain, state.site), {})
        known = here.get(state.unit)
        if known is not None and known.time > state.time:
            return False
        here[state.unit] = state
        return True

    def suppressing(self, finding: Finding) -> UnitState | None:
        """The state that suppresses this finding by design, ``None`` where none does."""
        here = self._known.get((finding.domain, finding.site), {})
        return next((state for state in here.values() if state.makes_meaningless(finding)), None)

    def asked(self, life: Alarm, findings: Iterable[Finding], time: int) -> list[tuple[Finding, Action]]:
        """What brings these findings of an alarm to where the states want them; nothing where they are there."""
        found: list[tuple[Finding, Action]] = []
        for finding in findings:
            state = self.suppressing(finding)
            if finding.id in life.by_design and state is None:
                found.append((finding, DesignOver(time, "unit-state-over", finding.id)))
            elif finding.id in life.findings and state is not None and finding.id not in life.insisted:
                found.append((finding, SuppressedByDesign(time, "unit-state", finding.id, state.unit, state.state)))
        return found

    def in_vain(self, life: Alarm, findings: Sequence[Finding], time: int) -> list[tuple[Finding, Action]]:
        """What lets go of an alarm that was heard before its unit's state was, is over, and waits to be acknowledged:
        if all ``findings`` that it ever had began within states which make them meaningless it need not be.
        """
        if life.state != "returned-unacknowledged" or life.findings:
            return []
        why = [(each, self.suppressing(each)) for each in findings]
        if any(state is None or each.opened < state.since for each, state in why):
            return []
        return [
            (each, SuppressedByDesign(time, "unit-state", each.id, state.unit, state.state))
            for each, state in why[:1]
            if state is not None
        ]
