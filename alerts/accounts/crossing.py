"""Whether a request that changes something comes from a page of ours, not from a stranger's page in the same browser.

Two proofs, each enough against the usual attack: the browser's word for where the page is from (Origin, or where
that lacks Sec-Fetch-Site), and for sessions a mark that only a page of ours can read from its cookie and send back.
"""

import hashlib
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from alerts.accounts.access import Asking
from alerts.accounts.identity import Identity
from alerts.accounts.refusal import HOSTILE, NO_MARK, Refused

MARK_COOKIE = "citybrain_mark"
MARK_HEADER = "x-csrf-token"
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def page_mark(session: str) -> str:
    """The mark of a session's pages. It follows from the session's secret, so it needs no keeping."""
    return hashlib.sha256(b"page mark\n" + session.encode()).hexdigest()


def require_own_page(headers: Headers, secure: bool, hosts: Collection[str]) -> None:
    """Raises ``Refused`` (403) where the browser says that the page is another site's.

    A program that is no browser says nothing, and passes; ``hosts`` are names of ours beside the one asked for.
    """
    origin = headers.get("origin")
    if origin is None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(403, HOSTILE, "cross-site")
        return
    page = urlsplit(origin)
    known = page.netloc == headers.get("host") or page.hostname in hosts
    if not known or page.scheme not in ("http", "https") or (secure and page.scheme != "https"):
        raise Refused(403, HOSTILE, "cross-site")


def require_mark(headers: Headers, asking: Asking, identity: Identity | None) -> None:
    """Raises ``Refused`` (403) where a session acts without the mark of its pages."""
    if identity is None or identity.means != "session":
        return
    if not secrets.compare_digest(page_mark(asking.session or ""), headers.get(MARK_HEADER, "")):
        raise Refused(403, NO_MARK, "no-mark")
