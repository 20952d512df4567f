"""Evidence packs over HTTP."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from alerts.evidence.build import Evidence

#: The pack's head in the answer, so that whoever fetches it can note it elsewhere.
HEAD = "X-Evidence-Head"


def evidence_routes(evidence: Evidence, wall_ms: Callable[[], int]) -> APIRouter:
    """``GET /api/findings/{finding}/evidence``."""
    routes = APIRouter(prefix="/api/findings")

    @routes.get(
        "/{finding}/evidence",
        summary="All that is known of one finding, as one sealed file",
        response_class=Response,
        responses={200: {"content": {"application/zip": {}}}},
    )
    def pack(finding: Annotated[str, Path(min_length=1, max_length=64)]) -> Response:
        made = evidence.pack(finding, wall_ms())
        if made is None:
            raise HTTPException(404, f"no finding {finding!r}")
        body, manifest = made
        name = f"evidence-{manifest.finding}.zip"
        headers = {HEAD: manifest.head, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type="application/zip", headers=headers)

    return routes
