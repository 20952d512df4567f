"""docs/permissions.md: who may do what, and what each route needs, written from the two tables of alerts/accounts."""

from alerts.accounts.acts import ACT_TITLES, PERMISSIONS, ROLE_TITLES, ROLES, WITHOUT_ROLE
from alerts.accounts.route_acts import ROUTES

REACHES = {
    "nothing": "holds nothing of the city",
    "one": "the one thing named in the path must lie within the caller's jurisdiction",
    "part": "gives or touches what lies within the caller's jurisdiction",
    "whole": "for those whose jurisdiction is the whole city",
}


def permissions_page() -> str:
    """The table of permissions and the table of routes."""
    lines = [
        "# Permissions",
        "",
        "Who may do what (`alerts/accounts/acts.py`). An account may bear several roles; a token has a part of what",
        "its account may. How people come in: [accounts.md](accounts.md).",
        "",
        "| act | | " + " | ".join(ROLE_TITLES[role].en for role in ROLES) + " |",
        "|---|---|" + "---|" * len(ROLES),
    ]
    for act, may in PERMISSIONS.items():
        marks = " | ".join("yes" if role in may else "" for role in ROLES)
        lines.append(f"| `{act}` | {ACT_TITLES[act].en} ({ACT_TITLES[act].zh}) | {marks} |")
    lines += ["", "No role is needed for:", ""]
    lines += [f"* `{act}`: {ACT_TITLES[act].en}" for act in sorted(WITHOUT_ROLE)]
    lines += [
        "",
        "## Routes",
        "",
        "What each route needs (`alerts/accounts/route_acts.py`); a route that is not listed is not served.",
        "",
    ]
    lines += [f"* *{reach}*: {meaning}" for reach, meaning in REACHES.items()]
    lines += ["", "| route | act | reach |", "|---|---|---|"]
    lines += [f"| `{row.method} {row.path}` | `{row.act}` | {row.reach} |" for row in ROUTES]
    return "\n".join([*lines, ""])
