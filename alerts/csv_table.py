"""A table as a file for spreadsheets, as every list that an officer may take along gives it."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

#: What makes a spreadsheet read a cell as a formula, or a part of it as one (OWASP, CSV injection).
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows, which all have the columns of the first (UTF-8 with its mark); texts in both languages stand in two
    columns. Empty without rows.
    """
    flat = [_flat(row) for row in rows]
    out = io.StringIO()
    if flat:
        writer = csv.DictWriter(out, list(flat[0]))
        writer.writeheader()
        writer.writerows(flat)
    return "\ufeff" + out.getvalue()


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{language}": _safe(text) for language, text in value.items()}
        else:
            found[name] = _safe(value)
    return found


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(BEGINS_A_FORMULA) else value
