"""The example of docs/safety-work.md, by the product's own pack: what the four firms' day is said to show."""

from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from records.registry import Registry, Site
from records.registry_import import plan_import
from records.safety.rules import all_standing
from records.safety.standing import Picture
from records.safety.terms import safety_terms
from tests.records.safety.parts import HOUR, TEN, given
from topics.domain_file import load_domains
from topics.safety_events import Commitment, WorkPermit

FOLDER = Path(__file__).parents[3] / "docs/examples/safety-work"


def test_the_example_day_shows_a_silence_a_late_word_a_lie_and_crossing_works() -> None:
    plan = plan_import((FOLDER / "firms.csv").read_bytes(), "csv", Registry(), {"safety"}, ZoneInfo("Asia/Shanghai"))
    sites = {each.id: each for each in plan.records if isinstance(each, Site)}
    assert len(sites) == 4
    said = msgspec.json.decode((FOLDER / "day.json").read_bytes(), type=list[Commitment | WorkPermit])
    pack = next(each for each in load_domains() if each.name == "safety")
    terms = safety_terms("safety", pack.facts)
    assert terms is not None
    picture = Picture(
        terms,
        sites,
        given(*(each for each in said if isinstance(each, Commitment))),
        permits=[each for each in said if isinstance(each, WorkPermit)],
    )
    found = {(each.rule, each.subject) for each in all_standing(picture, TEN + 6 * HOUR) if each.opens}
    assert found == {
        ("commitment-missing", "chem-03/2026-11-27"),
        ("commitment-missing", "chem-04/2026-11-27"),
        ("commitment-permits", "chem-02/2026-11-27/hot-work"),
        ("special-work", "chem-02/DH-2026-003/approved-late"),
        ("special-work", "chem-01/DH-2026-001+DH-2026-002/crossing"),
    }
