"""Signing in through another house (OpenID Connect): authorization code with PKCE, and the proof read with care.

The provider's document and keys are fetched when first needed and kept for an hour. What has been begun is kept in
memory for ten minutes, bound to the browser that began it by a cookie with the same ``state``.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.oauth2.auth import encode_client_secret_basic
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from alerts.accounts.oidc_claims import Provider
from alerts.accounts.refusal import Refused
from topics.finding import Text

#: Signatures that need the provider's private key; never "none", never one made with our own secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
BEGUN_MS = 600_000
KEPT_MS = 3_600_000
MOST_BEGUN = 2_000
#: Clocks of two houses differ by so much.
LEEWAY_S = 60
PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Begun:
    """One sign-in under way. ``address`` is where the browser is to go."""

    address: str
    state: str
    nonce: str
    verifier: str
    redirect: str
    onward: str
    until: int


class OpenIdConnect:
    """Talks to one provider. ``wall_ms`` gives the wall time."""

    def __init__(self, provider: Provider, wall_ms: Callable[[], int]) -> None:
        self.provider = provider
        self._wall_ms = wall_ms
        self._begun: OrderedDict[str, Begun] = OrderedDict()
        self._document: tuple[int, dict[str, Any]] | None = None
        self._keys: tuple[int, KeySet] | None = None
        self._lock = asyncio.Lock()

    async def begin(self, redirect: str, onward: str) -> Begun:
        """Where to send the browser. Raises ``Refused`` (502) where the provider does not answer."""
        document = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        address = prepare_grant_uri(
            document["authorization_endpoint"],
            client_id=self.provider.client_id,
            response_type="code",
            redirect_uri=redirect,
            scope=self.provider.scope,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        begun = Begun(address, state, nonce, verifier, redirect, onward, self._wall_ms() + BEGUN_MS)
        self._begun[state] = begun
        while len(self._begun) > MOST_BEGUN:
            self._begun.popitem(last=False)
        return begun

    async def finish(self, state: str, remembered: str, code: str) -> tuple[Begun, dict[str, Any]]:
        """What the provider says of the person. Raises ``Refused``: 400 for a sign-in this browser did not begin,
        502 for a provider that does not answer, 401 for a proof that does not hold.
        """
        if not state or not secrets.compare_digest(state.encode(), remembered.encode()):
            raise _failed("not-begun-here", 400)
        begun = self._begun.pop(state, None)
        if begun is None or self._wall_ms() > begun.until:
            raise _failed("not-begun-here", 400)
        document = await self._discover()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.redirect,
            "client_id": self.provider.client_id,
            "code_verifier": begun.verifier,
        }
        answer = await self._ask("POST", document["token_endpoint"], form)
        if not isinstance(answer.get("id_token"), str):
            raise _failed("no-id-token", 401)
        return begun, await self._proven(answer, begun.nonce)

    async def _proven(self, answer: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token, its signature, issuer, audience, time and nonce checked."""
        token: str = answer["id_token"]
        try:
            decoded = await self._decode(token)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                    "sub": {"essential": True},
                },
                params={
                    "nonce": nonce,
                    "client_id": self.provider.client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            claims.validate(now=self._wall_ms() // 1000, leeway=LEEWAY_S)
        except (JoseError, ValueError, KeyError) as error:
            raise _failed(f"bad-id-token: {type(error).__name__}", 401) from error
        return dict(decoded.claims)

    async def _decode(self, token: str) -> jwt.Token:
        """Providers change keys: where the kept ones do not fit, they are fetched once more."""
        fresh = self._keys is None or self._wall_ms() - self._keys[0] > KEPT_MS
        try:
            return jwt.decode(token, await self._key_set(fresh), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if fresh:
                raise
            return jwt.decode(token, await self._key_set(True), algorithms=ALGORITHMS)

    async def _key_set(self, fresh: bool) -> KeySet:
        if fresh or self._keys is None:
            document = await self._discover()
            found = KeySet.import_key_set(await self._ask("GET", document["jwks_uri"]))  # type: ignore[arg-type]
            self._keys = (self._wall_ms(), found)
        return self._keys[1]

    async def _discover(self) -> dict[str, Any]:
        async with self._lock:
            now = self._wall_ms()
            if self._document is None or now - self._document[0] > KEPT_MS:
                where = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
                document = await self._ask("GET", where)
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if document.get("issuer") != self.provider.issuer or any(name not in document for name in needed):
                    raise _failed("provider-document", 502)
                self._document = (now, document)
            return self._document[1]

    async def _ask(self, method: str, address: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {"accept": "application/json"}
        if form is not None and self.provider.client_secret:
            _, headers, _ = encode_client_secret_basic(_Client(self.provider), method, address, headers, "")
        try:
            async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                answer = await client.request(method, address, data=form, headers=headers)
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _failed(f"provider-silent: {type(error).__name__}", 502) from error
        if answer.status_code != 200 or not isinstance(found, dict):
            raise _failed(f"provider-answered-{answer.status_code}", 401 if form is not None else 502)
        return found


@dataclass(frozen=True, slots=True)
class _Client:
    """The provider as Authlib's client authentication wants to see it."""

    provider: Provider

    @property
    def client_id(self) -> str:
        return self.provider.client_id

    @property
    def client_secret(self) -> str:
        return self.provider.client_secret


def _failed(reason: str, status: int) -> Refused:
    text = Text(
        "统一身份认证失败，请重试或联系管理员",
        "signing in through the provider failed: try again or ask an administrator",
    )
    return Refused(status, text, reason)
