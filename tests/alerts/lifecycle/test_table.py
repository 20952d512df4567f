"""Every state with every action: what comes of it, and what is refused in which words."""

from pathlib import Path
from typing import get_args

import pytest

from alerts.lifecycle import (
    ALLOWED,
    STATES,
    Acknowledged,
    Action,
    Annunciated,
    Changed,
    Cleared,
    Closed,
    Commented,
    Confirmed,
    DesignOver,
    Escalated,
    HandedOver,
    Hidden,
    Judged,
    NotAllowed,
    OutOfService,
    Raised,
    ReAlarmed,
    Recorded,
    Reset,
    Returned,
    ReturnedToService,
    Revised,
    Shelved,
    Shown,
    Suppressed,
    SuppressedByDesign,
    Unshelved,
    phase_of,
    step,
)
from alerts.lifecycle.words import ACTION_TITLES, PHASE_TITLES
from tests.alerts.lifecycle.ways import INTO, RAISE, after, rank

ACTIONS: dict[str, Action] = {
    "raised the same": Raised(40, "f2", "yellow"),
    "raised to red": Raised(40, "f2", "red"),
    "changed the same": Changed(40, "f1", "yellow"),
    "changed to red": Changed(40, "f1", "red"),
    "cleared": Cleared(40, "f1"),
    "returned": Returned(40, "off-delay", "f1"),
    "revised": Revised(40, "f1"),
    "recorded": Recorded(40, "f1", "yellow", 35),
    "annunciated": Annunciated(40, "on-delay"),
    "re-alarmed": ReAlarmed(40, "re-alarm-still-active"),
    "hidden": Hidden(40, "inhibition", "cause"),
    "shown": Shown(40, "cause-over"),
    "raised by design": Raised(40, "f2", "red", unit="tanks", state="start-up"),
    "suppr. by design": SuppressedByDesign(40, "unit-state", "f1", "tanks", "start-up"),
    "design over": DesignOver(40, "unit-state-over", "f1"),
    "acknowledged": Acknowledged(40, "li"),
    "reset": Reset(40, "li"),
    "confirmed": Confirmed(40, "li"),
    "shelved": Shelved(40, "li", until=9_000),
    "shelved once": Shelved(40, "li", until=9_000, one_shot=True),
    "unshelved": Unshelved(40, "li"),
    "suppressed": Suppressed(40, "li"),
    "out of service": OutOfService(40, "li"),
    "back to service": ReturnedToService(40, "li"),
    "escalated": Escalated(40, "li", to="leader"),
    "handed over": HandedOver(40, "li", to="zhao"),
    "commented": Commented(40, "li", "seen"),
    "judged": Judged(40, "li", verdict="real"),
    "closed": Closed(40, "li", verdict="real"),
}

SHORT = {
    "dl": "delayed", "un": "unacknowledged", "ac": "acknowledged", "ru": "returned-unacknowledged", "la": "latched",
    "rc": "returned-unconfirmed", "sh": "shelved", "su": "suppressed", "oo": "out-of-service", "no": "normal",
}  # fmt: skip
#: What comes of each action in each state, by the short names above; ``--`` is refused.
TABLE = """
                  blank delayed unack. ackn. ret-un. latched unconf. shelved suppr. out-of closed
raised the same    un    dl      un     ac    un      un      un      sh      su     oo     --
raised to red      un    dl      un     un    un      un      un      un      su     oo     --
changed the same   --    dl      un     ac    --      --      --      sh      su     oo     --
changed to red     --    dl      un     un    --      --      --      un      su     oo     --
cleared            --    no      ru     no    --      --      --      sh      su     oo     --
returned           --    no      ru     no    --      --      --      sh      su     oo     --
revised            --    dl      un     ac    ru      la      rc      sh      su     oo     no
recorded           no    --      --     --    --      --      --      --      --     --     --
annunciated        --    un      --     --    --      --      --      --      --     --     --
re-alarmed         --    --      un     un    --      --      --      --      --     --     --
hidden             no    dl      un     ac    ru      la      rc      sh      su     oo     --
shown              --    dl      un     ac    ru      la      rc      sh      su     oo     --
raised by design   su    dl      un     ac    ru      la      rc      sh      su     oo     --
suppr. by design   --    su      su     su    no      --      --      sh      su     oo     --
design over        --    --      --     --    --      --      --      --      --     --     --
acknowledged       --    --      ac     --    no      --      --      --      --     --     --
reset              --    --      --     --    --      rc      --      --      --     --     --
confirmed          --    --      --     --    --      --      no      --      --     --     --
shelved            --    sh      sh     sh    sh      --      --      --      --     --     --
shelved once       --    sh      sh     sh    --      --      --      --      --     --     --
unshelved          --    --      --     --    --      --      --      un      --     --     --
suppressed         --    su      su     su    su      --      --      su      --     --     --
out of service     --    oo      oo     oo    oo      --      --      oo      oo     --     --
back to service    --    --      --     --    --      --      --      --      un     un     --
escalated          --    --      un     ac    ru      la      rc      sh      su     oo     --
handed over        --    --      un     ac    ru      la      rc      sh      su     oo     --
commented          --    dl      un     ac    ru      la      rc      sh      su     oo     no
judged             --    dl      un     ac    ru      la      rc      sh      su     oo     no
closed             --    --      --     no    no      --      --      no      no     no     --
"""
ROWS = {line[:18].strip(): line[18:].split() for line in TABLE.strip("\n").splitlines()[1:]}
EXPECTED = {phase: {name: SHORT.get(row[place]) for name, row in ROWS.items()} for place, phase in enumerate(INTO)}


def test_the_table_covers_every_state_with_every_action() -> None:
    assert INTO.keys() == ALLOWED.keys() == PHASE_TITLES.keys()
    assert set(STATES) == set(SHORT.values()) == (INTO.keys() - {"blank", "closed"}) | {"normal"}
    assert ROWS.keys() == ACTIONS.keys()
    assert all(len(row) == len(INTO) and set(row) <= {*SHORT, "--"} for row in ROWS.values())
    assert {type(action) for action in ACTIONS.values()} == set(get_args(Action))
    assert {action.__struct_config__.tag for action in get_args(Action)} == ACTION_TITLES.keys()


def test_the_table_of_the_page_is_the_one_that_is_tested() -> None:
    page = Path(__file__).parents[3] / "docs" / "life-cycle.md"
    assert TABLE in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("phase", INTO)
def test_every_state_with_every_action(phase: str, name: str) -> None:
    before = after(*INTO[phase])
    assert phase_of(before) == phase
    expected = EXPECTED[phase][name]
    if expected is None:
        with pytest.raises(NotAllowed) as refused:
            step(before, ACTIONS[name], rank)
        assert refused.value.text.zh and refused.value.text.en
    else:
        assert step(before, ACTIONS[name], rank).state == expected


def test_a_refusal_says_what_the_state_takes() -> None:
    with pytest.raises(NotAllowed, match=r"an alarm that is latched takes raised, .*reset.*; got acknowledged"):
        step(after(*INTO["latched"]), Acknowledged(40, "li"), rank)


def test_clearing_a_finding_that_is_not_open_is_refused_by_name() -> None:
    with pytest.raises(NotAllowed, match=r"expected one of \['f1'\], got f9"):
        step(after(RAISE), Cleared(40, "f9"), rank)
