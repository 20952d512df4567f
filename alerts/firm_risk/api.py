"""The risk of firms over HTTP."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from alerts.accounts.identity import jurisdiction_of
from alerts.csv_table import as_csv
from alerts.firm_risk.board import FirmRisks
from alerts.firm_risk.weights import weights_of
from alerts.safety_figures.report import DOMAIN

Domain = Annotated[str, Query(max_length=80)]


def firm_risk_routes(risks: FirmRisks) -> APIRouter:
    """``/api/firm-risk``."""
    routes = APIRouter(prefix="/api/firm-risk", tags=["safety production"])

    @routes.get("", summary="Firms by risk, the worst first, each with its reasons")
    def listed(
        request: Request,
        domain: Domain = DOMAIN,
        district: Annotated[str, Query(pattern=r"^([0-9]{6})?$", description="GB/T 2260 code")] = "",
        colour: Annotated[str, Query(max_length=40)] = "",
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Response:
        rows = risks.listed(jurisdiction_of(request), domain=domain, district=district, colour=colour)
        if form == "json":
            return JSONResponse({"items": rows, "city_time": risks.city.time})
        headers = {"Content-Disposition": 'attachment; filename="firm-risk.csv"'}
        return Response(as_csv([_flat(row) for row in rows]), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/weights", summary="The weights that hold, each with its source")
    def weights(domain: Domain = DOMAIN) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(weights_of(risks.city, domain))
        return shown

    @routes.get("/{firm}", summary="One firm with its reasons")
    def one(request: Request, firm: str, domain: Domain = DOMAIN) -> dict[str, Any]:
        found = [row for row in risks.listed(jurisdiction_of(request), domain=domain) if row["firm"] == firm]
        if not found:
            raise HTTPException(404, f"no firm {firm!r}")
        return found[0]

    return routes


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row for a spreadsheet: the reasons in one cell for each language."""
    words = {
        language: "; ".join(f"{each['text'][language]} (-{each['points']:g})" for each in row["reasons"])
        for language in ("zh", "en")
    }
    plain = {name: row[name] for name in ("firm", "title", "points", "colour", "colour_title", "direct")}
    return plain | {"districts": " ".join(row["districts"]), "reasons": words}
