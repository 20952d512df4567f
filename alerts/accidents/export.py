"""A case as one sealed file that the bureau can be sent (alerts/evidence/sealed.py says how anyone verifies it)."""

import csv
import io
from typing import Any

import msgspec

from alerts.accidents.desk import Accidents
from alerts.accidents.form import LANGUAGES, report_form
from alerts.accidents.views import view
from alerts.evidence.sealed import Lack, Manifest, seal
from alerts.ledger.chain import head_of
from records.accident_terms import Figures
from topics.finding import Text


def case_file(accidents: Accidents, name: str, made_ms: int) -> tuple[bytes, Manifest]:
    """The file's bytes and its manifest: every report on paper in both languages, every version of the figures, the
    linked alarms, all events, and the head of the ledger. ``made_ms``: wall time.

    Raises ``LookupError`` where there is no such case.
    """
    case = view(accidents, name)
    with accidents.store.read() as connection:
        head = head_of(connection)
    parts = {"case.json": _json(case), "versions.csv": versions_csv(case).encode()}
    for number in range(1, len(case["versions"]) + 1):
        for language in LANGUAGES:
            paper = report_form(case, number, language, simulated=accidents.city.simulated)
            parts[f"report-{number:02d}-{language}.html"] = paper.encode()
    terms = accidents.terms(case["domain"])
    parts |= {
        "alarms.json": _json(case["alarms"]),
        "terms.json": _json(terms),
        "ledger.json": _json({"sequence": head.sequence, "hash": head.hash}),
    }
    return seal(f"accident {name}", parts, _lacks(case), made_ms)


def versions_csv(case: dict[str, Any]) -> str:
    """The figures of every report, as reported and as counted (UTF-8 with its mark, for spreadsheets)."""
    out = io.StringIO()
    names = Figures.__struct_fields__
    writer = csv.writer(out)
    writer.writerow(
        ["number", "stage", "time_ms", "as_of_ms", *names, *(f"counted_{each}" for each in names), "grade", "signed_by"]
    )
    for each in case["versions"]:
        figures = [each["figures"][name] for name in names] + [each["counted"][name] for name in names]
        # No cell may begin a formula when a spreadsheet opens it.
        who = f"'{each['who']}" if each["who"][:1] in ("=", "+", "-", "@", "\t") else each["who"]
        head = [each["number"], each["stage"], each["time"], each["as_of"]]
        writer.writerow([*head, *figures, each["grade"]["code"], who])
    return "\ufeff" + out.getvalue()


def _lacks(case: dict[str, Any]) -> list[Lack]:
    missing = [Lack("pictures", Text("未接入现场视频与图片", "no pictures of the place are connected"))]
    if not case["versions"]:
        missing.append(Lack("reports", Text("尚未首报", "no report was made yet")))
    if not case["alarms"]:
        missing.append(Lack("alarms", Text("没有关联报警", "no alarm is linked")))
    return missing


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value))
