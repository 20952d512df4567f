"""The contract: whatever a candidate says can never become an alarm, wherever it might end up."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.intake import read_finding
from streams.batch import Judged
from streams.findings_reader import FINDINGS
from streams.outlet import Outlet
from tests.alerts.city_parts import finding
from topics.catalog import CITY_TOPICS
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.finding import Finding
from topics.shadow import SHADOW_FINDINGS, ShadowWord

SEVERITIES = st.sampled_from(["red", "orange", "yellow", "blue"])


def word(said: Finding | None, kind: Any = "finding") -> ShadowWord:
    return ShadowWord("1" * 16, "safety", kind, "readings.safety", 0, 12, 0, finding=said)


@given(SEVERITIES, st.sampled_from(["open", "update", "close"]), st.integers(0, 9), st.text(max_size=40))
def test_no_reader_of_findings_takes_it_for_one(severity: str, phase: str, seq: int, detail: str) -> None:
    said = finding(phase, seq, severity=severity)
    for each in (word(said), word(None, "began"), ShadowWord(detail, detail, "failed", detail, 0, 0, 0, detail=detail)):
        with pytest.raises(ValueError, match="missing required field"):
            read_finding(encode(each))
    assert read_finding(encode(said)) == said  # the finding inside would have been an alarm


def test_the_two_have_no_field_in_common_that_a_finding_must_have() -> None:
    must = {field.name for field in msgspec.structs.fields(Finding) if field.required}
    assert {"id", "phase", "seq", "severity"} <= must
    assert not {"id", "phase", "seq", "severity"} & set(ShadowWord.__struct_fields__)


def test_a_worker_sends_it_to_a_topic_of_its_own_and_nowhere_else() -> None:
    sent: list[tuple[str, bytes]] = []

    class Kept(Outlet):
        async def send(self, topic: str, key: Any, value: bytes | None, headers: Any = None) -> None:
            sent.append((topic, value or b""))

    outlet = Kept(KafkaConnection("nowhere:1"), "w", lambda: 0)
    judged = Judged(findings=[finding()], shadow=[word(finding()), word(None, "ended")])
    asyncio.run(outlet.put("readings.safety", 0, judged))
    assert [topic for topic, _ in sent] == [FINDINGS, SHADOW_FINDINGS, SHADOW_FINDINGS]
    assert FINDINGS != SHADOW_FINDINGS
    types = {topic.name: topic.type for topic in CITY_TOPICS}
    assert types[FINDINGS] is Finding and types[SHADOW_FINDINGS] is ShadowWord
