"""Every route of the server and the act it needs: the one table. A route that is not in it is not served.

A test walks the application's routes and fails on any that is missing here, and on any row without a route.
``about`` names the path's parameter that stands for something with a place in the city; what lies outside the
caller's jurisdiction is then answered as if it were not there (see subjects.py). ``reach`` says what of the city
a route shows or touches:

* ``nothing``: the frame of a page, an account
* ``one``: the one thing that ``about`` names
* ``part``: the route itself leaves what lies within the caller's jurisdiction (``jurisdiction_of``)
* ``whole``: only for those whose jurisdiction is the whole city
"""

from dataclasses import dataclass
from typing import Literal

from starlette.routing import compile_path

from alerts.accounts.acts import Act
from alerts.accounts.crossing import HARMLESS


@dataclass(frozen=True, slots=True)
class Row:
    """``listed``: reading it is an act that goes into the record too. ``page``: whoever is unknown is sent to sign
    in instead of being refused. ``reads``: a POST that changes nothing, whose question must not stand in the address.
    """

    method: str
    path: str
    act: Act
    reach: Literal["nothing", "one", "part", "whole"]
    about: str = ""
    listed: bool = False
    page: bool = False
    reads: bool = False

    @property
    def audited(self) -> bool:
        """Whether what it does goes into the record when it is done; what is denied always does."""
        return self.listed or (self.method not in HARMLESS and not self.reads)


ROUTES: tuple[Row, ...] = (
    # alerts/alarms_api.py
    Row("GET", "/api/alarms", "see", "part"),
    Row("GET", "/api/alarms/{alarm}", "see", "one", "alarm"),
    Row("GET", "/api/alarms/{alarm}/readings", "see", "one", "alarm"),
    # alerts/evidence/api.py: what leaves the house as evidence goes into the record
    Row("GET", "/api/findings/{finding}/evidence", "see", "one", "finding", listed=True),
    Row("GET", "/api/deliveries", "see", "part"),
    Row("GET", "/api/deliveries/{delivery}", "see", "one", "delivery"),
    Row("POST", "/api/deliveries/{delivery}/retry", "retry-delivery", "one", "delivery"),
    Row("POST", "/api/deliveries/replay", "retry-delivery", "part"),
    # alerts/ledger/delivery_api.py: others know nothing of our jurisdictions
    Row("POST", "/api/cap", "post-receipt", "whole"),
    Row("GET", "/api/inbound", "see", "whole"),
    Row("GET", "/api/ledger/head", "see", "nothing"),
    Row("GET", "/api/wall", "see", "part"),
    Row("GET", "/api/sites", "see", "part"),
    Row("GET", "/api/report", "see", "whole"),
    Row("GET", "/api/stream", "see", "part"),
    Row("GET", "/metrics", "scrape", "whole"),
    Row("GET", "/openapi.json", "see", "nothing"),
    # alerts/actions_api.py
    Row("POST", "/api/alarms/acknowledge", "acknowledge", "part"),
    Row("POST", "/api/alarms/{alarm}/acknowledge", "acknowledge", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/confirm", "acknowledge", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/reset", "acknowledge", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/comment", "comment", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/verdict", "judge", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/close", "close", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/shelve", "shelve", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/unshelve", "shelve", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/suppress", "suppress", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/out-of-service", "suppress", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/return-to-service", "suppress", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/escalate", "escalate", "one", "alarm"),
    Row("POST", "/api/alarms/{alarm}/hand-over", "hand-over", "one", "alarm"),
    Row("GET", "/api/vocabulary", "see", "nothing"),
    Row("GET", "/api/groups", "see", "part"),
    Row("GET", "/api/groups/{group}", "see", "part"),
    Row("GET", "/api/verdicts", "see", "whole"),
    Row("GET", "/api/verdicts/report", "see", "whole"),
    # alerts/promotions/api.py: a configuration is the whole city's
    Row("GET", "/api/promotions", "see", "whole"),
    Row("GET", "/api/shadow/{domain}", "see", "whole"),
    Row("POST", "/api/shadow/{domain}/start", "tune", "whole"),
    Row("POST", "/api/shadow/{domain}/stop", "tune", "whole"),
    Row("POST", "/api/shadow/{domain}/promote", "promote", "whole"),
    Row("POST", "/api/shadow/{domain}/rollback", "promote", "whole"),
    Row("POST", "/api/series/new-normal", "judge", "whole"),
    # alerts/kpi/api.py
    Row("GET", "/api/desk-figures", "see", "whole"),
    # alerts/judgements/api.py
    Row("GET", "/api/judgements", "see", "part"),
    Row("GET", "/api/judgements/versions", "see", "part"),
    Row("GET", "/api/judgements/evidence", "see", "part"),
    Row("GET", "/api/effectiveness", "see", "part"),
    Row("GET", "/api/scorecard", "see", "part"),
    Row("GET", "/api/marks", "see", "part"),
    Row("POST", "/api/marks", "comment", "part"),
    # alerts/stations/api.py
    Row("GET", "/api/station-log", "see", "part"),
    Row("POST", "/api/station-log", "comment", "part"),
    # alerts/tickets/api.py
    Row("GET", "/api/tickets", "see", "part"),
    Row("GET", "/api/tickets/figures", "see", "part"),
    Row("GET", "/api/tickets/{ticket}", "see", "part"),
    Row("GET", "/api/tickets/{ticket}/files/{digest}", "see", "part"),
    Row("POST", "/api/tickets/{ticket}/reply", "comment", "part"),
    Row("POST", "/api/tickets/{ticket}/supplement", "judge", "part"),
    Row("POST", "/api/tickets/{ticket}/verify", "close", "part"),
    # alerts/accidents/api.py: what leaves the house goes into the record
    Row("GET", "/api/accidents", "see", "part"),
    Row("GET", "/api/accidents/terms", "see", "nothing"),
    Row("GET", "/api/accidents/{accident}", "see", "part"),
    Row("GET", "/api/accidents/{accident}/reports/{number}", "see", "part", listed=True),
    Row("GET", "/api/accidents/{accident}/file", "see", "part", listed=True),
    Row("POST", "/api/accidents", "escalate", "part"),
    Row("POST", "/api/accidents/{accident}/link", "escalate", "part"),
    Row("POST", "/api/accidents/{accident}/report", "sign-report", "part"),
    Row("POST", "/api/accidents/{accident}/pass-up", "sign-report", "part"),
    Row("POST", "/api/accidents/{accident}/extend", "sign-report", "part"),
    Row("POST", "/api/accidents/{accident}/withdraw", "sign-report", "part"),
    # alerts/safety/api.py and reading_api.py: firms and inspectors enter, duty officers decide
    Row("GET", "/api/safety/terms", "see", "nothing"),
    Row("GET", "/api/safety/commitments", "see", "part"),
    Row("POST", "/api/safety/commitments", "comment", "part"),
    Row("GET", "/api/safety/exemptions", "see", "part"),
    Row("POST", "/api/safety/exemptions", "close", "part"),
    Row("GET", "/api/safety/permits", "see", "part"),
    Row("POST", "/api/safety/permits", "comment", "part"),
    Row("GET", "/api/safety/guarantors", "see", "part"),
    Row("POST", "/api/safety/guarantors", "close", "part"),
    Row("GET", "/api/safety/grades", "see", "part"),
    Row("POST", "/api/safety/grades", "close", "part"),
    Row("GET", "/api/safety/plans", "see", "part"),
    Row("POST", "/api/safety/plans", "close", "part"),
    Row("GET", "/api/safety/plans/{plan}", "see", "part"),
    Row("GET", "/api/safety/visits", "see", "part"),
    Row("POST", "/api/safety/visits/{visit}/result", "judge", "part"),
    Row("POST", "/api/safety/visits/{visit}/cancel", "close", "part"),
    Row("GET", "/api/safety/dangers", "see", "part"),
    Row("POST", "/api/safety/dangers", "comment", "part"),
    Row("GET", "/api/safety/findings", "see", "part"),
    # alerts/safety_figures/api.py
    Row("GET", "/api/safety-figures", "see", "part"),
    Row("GET", "/api/safety-figures/plots/{name}", "see", "part"),
    # alerts/firm_risk/api.py
    Row("GET", "/api/firm-risk", "see", "part"),
    Row("GET", "/api/firm-risk/weights", "see", "nothing"),
    Row("GET", "/api/firm-risk/{firm}", "see", "part"),
    # alerts/custody/api.py: goods and their holders go across the city; a pack's lot code is for everybody
    Row("GET", "/api/recalls", "see", "whole"),
    Row("GET", "/api/recalls/{recall}", "see", "whole"),
    Row("POST", "/api/recalls", "close", "whole"),
    Row("POST", "/api/recalls/{recall}/start", "comment", "whole"),
    Row("POST", "/api/recalls/{recall}/sign", "comment", "whole"),
    Row("POST", "/api/recalls/{recall}/report", "comment", "whole"),
    Row("POST", "/api/recalls/{recall}/close", "close", "whole"),
    Row("GET", "/api/lots/{code:path}", "see", "whole"),
    Row("GET", "/api/public/lots/{code:path}", "open", "nothing"),
    # a holder signs by the word in its notice: it has no account here
    Row("GET", "/api/public/recall-receipts/{token}", "open", "nothing"),
    Row("POST", "/api/public/recall-receipts/{token}", "open", "nothing"),
    Row("POST", "/api/recalls/{recall}/notices/{number}/send", "comment", "whole"),
    Row("GET", "/api/epcis/events", "see", "whole"),
    # alerts/coding/api.py
    Row("GET", "/api/coding", "see", "part"),
    # alerts/kitchens/api.py: an inspector enters the visit
    Row("GET", "/api/kitchens", "see", "part"),
    Row("GET", "/api/kitchens/weekly", "see", "part"),
    Row("POST", "/api/kitchens/{site}/visits", "judge", "part"),
    # alerts/responder: the page holds the card itself, so it is cut to the jurisdiction like the interface
    Row("GET", "/api/responder-card", "see", "part"),
    Row("GET", "/api/yards", "see", "part"),
    Row("GET", "/api/yards/{site}/inventory", "see", "part"),
    Row("GET", "/responder-card", "see", "part", page=True),
    # alerts/carriage
    Row("GET", "/api/cargo/carriers", "see", "part"),
    Row("GET", "/api/cargo/carriers/{carrier:path}", "see", "part"),
    Row("GET", "/api/cargo/trips/{trip:path}", "see", "part"),
    Row("GET", "/api/cargo/containers/{container:path}", "see", "part"),
    Row("GET", "/yard", "see", "part", page=True),
    # alerts/declarations/api.py: a firm declares, an authority's officer decides
    Row("GET", "/api/declarations", "see", "part"),
    Row("GET", "/api/declarations/figures", "see", "part"),
    Row("GET", "/api/declarations/terms", "see", "part"),
    Row("GET", "/api/declarations/goods/{un}", "see", "part"),
    Row("GET", "/api/declarations/{number}", "see", "part"),
    Row("POST", "/api/declarations", "comment", "part"),
    Row("POST", "/api/declarations/iftdgn", "comment", "part"),
    Row("POST", "/api/declarations/{number}/amend", "comment", "part"),
    Row("POST", "/api/declarations/{number}/sign", "close", "part"),
    Row("POST", "/api/declarations/{number}/refuse", "close", "part"),
    Row("POST", "/api/declarations/{number}/cancel", "comment", "part"),
    # alerts/pages.py: the frames hold nothing of the city
    Row("GET", "/", "see", "nothing", page=True),
    Row("GET", "/console", "see", "nothing", page=True),
    Row("GET", "/alarms/{alarm}", "see", "nothing", page=True),
    Row("GET", "/judgements", "see", "nothing", page=True),
    Row("GET", "/station-log", "see", "nothing", page=True),
    Row("GET", "/month", "see", "nothing", page=True),
    Row("GET", "/tickets", "see", "nothing", page=True),
    Row("GET", "/declarations", "see", "nothing", page=True),
    Row("GET", "/recalls", "see", "nothing", page=True),
    Row("GET", "/lot", "see", "nothing", page=True),
    Row("GET", "/cargo", "see", "nothing", page=True),
    Row("GET", "/cargo-trip", "see", "nothing", page=True),
    Row("GET", "/cargo-container", "see", "nothing", page=True),
    Row("GET", "/coding", "see", "nothing", page=True),
    Row("GET", "/kitchens", "see", "nothing", page=True),
    Row("GET", "/safety-work", "see", "nothing", page=True),
    Row("GET", "/commitments", "see", "nothing", page=True),
    Row("GET", "/special-work", "see", "nothing", page=True),
    Row("GET", "/firms", "see", "nothing", page=True),
    Row("GET", "/inspections", "see", "nothing", page=True),
    Row("GET", "/dangers", "see", "nothing", page=True),
    Row("GET", "/accidents", "see", "nothing", page=True),
    Row("GET", "/safety-figures", "see", "nothing", page=True),
    Row("GET", "/firm-risk", "see", "nothing", page=True),
    Row("GET", "/lookup", "open", "nothing"),
    Row("GET", "/recall-receipt", "open", "nothing"),
    Row("GET", "/static/levels.css", "open", "nothing"),
    Row("GET", "/static/{path:path}", "open", "nothing"),
    # alerts/alertmanager/api.py: matchers and groups go across the city
    Row("GET", "/api/v2/status", "see", "nothing"),
    Row("GET", "/api/v2/receivers", "see", "nothing"),
    Row("GET", "/api/v2/alerts", "see", "whole"),
    Row("GET", "/api/v2/alerts/groups", "see", "whole"),
    Row("POST", "/api/v2/alerts", "post-alerts", "whole"),
    Row("GET", "/api/v2/silences", "see", "whole"),
    Row("POST", "/api/v2/silences", "silence", "whole"),
    Row("GET", "/api/v2/silence/{silence}", "see", "whole"),
    Row("DELETE", "/api/v2/silence/{silence}", "silence", "whole"),
    # alerts/silences/api.py
    Row("GET", "/api/alarms/{alarm}/silences", "see", "one", "alarm"),
    # alerts/accounts/pages.py
    Row("GET", "/sign-in", "open", "nothing"),
    Row("GET", "/link", "open", "nothing"),
    Row("GET", "/account", "own-account", "nothing", page=True),
    Row("GET", "/accounts", "manage-accounts", "nothing", page=True),
    # alerts/accounts/session_api.py
    Row("GET", "/api/session", "open", "nothing"),
    Row("POST", "/api/session", "open", "nothing"),
    Row("DELETE", "/api/session", "own-account", "nothing"),
    Row("POST", "/api/link/about", "open", "nothing", reads=True),
    Row("POST", "/api/link", "open", "nothing"),
    Row("PUT", "/api/account/password", "own-account", "nothing"),
    Row("GET", "/api/account/credentials", "own-account", "nothing"),
    Row("POST", "/api/account/tokens", "own-account", "nothing"),
    Row("DELETE", "/api/account/credentials/{credential}", "own-account", "nothing"),
    # alerts/accounts/oidc_api.py
    Row("GET", "/api/oidc/start", "open", "nothing"),
    Row("GET", "/api/oidc/back", "open", "nothing", listed=True),
    # alerts/accounts/accounts_api.py
    Row("GET", "/api/permissions", "own-account", "nothing"),
    Row("GET", "/api/accounts", "manage-accounts", "nothing", listed=True),
    Row("POST", "/api/accounts", "manage-accounts", "nothing"),
    Row("PATCH", "/api/accounts/{account}", "manage-accounts", "nothing"),
    Row("POST", "/api/accounts/links", "manage-accounts", "nothing"),
    Row("POST", "/api/accounts/{account}/link", "manage-accounts", "nothing"),
    Row("GET", "/api/accounts/{account}/credentials", "manage-accounts", "nothing", listed=True),
    Row("POST", "/api/accounts/{account}/tokens", "manage-accounts", "nothing"),
    Row("DELETE", "/api/accounts/{account}/credentials/{credential}", "manage-accounts", "nothing"),
    Row("GET", "/api/audit", "see-audit", "whole", listed=True),
)


class Routes:
    """Finds the row of a request; paths without parameters come before those with."""

    def __init__(self, rows: tuple[Row, ...] = ROUTES) -> None:
        self.rows = rows
        self._plain = {(row.method, row.path): row for row in rows if "{" not in row.path}
        self._patterns = [(row, *compile_path(row.path)[::2]) for row in rows if "{" in row.path]

    def find(self, method: str, path: str) -> tuple[Row, dict[str, str]] | None:
        """The row and the values of its parameters; HEAD is a GET without its body."""
        asked = "GET" if method == "HEAD" else method
        if row := self._plain.get((asked, path)):
            return row, {}
        for row, pattern, _ in self._patterns:
            if row.method == asked and (match := pattern.match(path)):
                return row, match.groupdict()
        return None
