"""The query of ``/api/recalls/{recall}``, read or acted on: how much of a recall to answer with."""

from pydantic import BaseModel, Field

from alerts.custody.holder_page import HolderPage, Stand


class RecallQuery(BaseModel):
    """``most``: names of each list of goods, their counts are of all. ``at_once``: what is known without a trace;
    ``traced`` says whether it is all. ``rows``: so many holders after ``cursor`` (what ``next`` gave), with their
    notices and without the recall's words (``events``); ``stand`` which of them. Without ``rows`` all is given.
    """

    most: int | None = Field(None, ge=1, le=1_000_000)
    at_once: bool = False
    rows: int | None = Field(None, ge=1, le=1000)
    stand: Stand = "all"
    cursor: str = Field("", max_length=500)

    def page(self) -> HolderPage | None:
        """The same as the desk understands it."""
        return None if self.rows is None else HolderPage(self.rows, self.stand, self.cursor)
