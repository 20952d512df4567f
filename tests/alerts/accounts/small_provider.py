"""A small OpenID provider of our own: real discovery, real keys, real signed tokens, PKCE and client secret checked.

It believes whoever comes to be the person in ``claims``; ``spoil`` makes it tell a lie, to see that it is noticed.
"""

import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "citybrain-desk", "the client's secret"


class SmallProvider:
    """State behind the provider's application; ``base`` is set once it is served."""

    def __init__(self) -> None:
        self.base = ""
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.stranger_key = RSAKey.generate_key(2048, {"kid": "first"})
        self.claims: dict[str, Any] = {"sub": "u-17", "preferred_username": "liqiang", "name": "李强"}
        self.spoil = ""
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def turn_key(self) -> None:
        """Sign with a new key from now on, as providers do now and then."""
        self.key = RSAKey.generate_key(2048, {"kid": "second"})

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def document() -> dict[str, Any]:
            return {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/keys",
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            self.asked.append(asked)
            code = secrets.token_urlsafe(16)
            self._codes[code] = asked
            back = urlencode({"code": code, "state": asked["state"]})
            return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

        @app.post("/token")
        def token(
            request: Request, code: str = Form(), code_verifier: str = Form(), redirect_uri: str = Form()
        ) -> Response:
            asked = self._codes.pop(code, None)
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
            if (
                asked is None
                or request.headers.get("authorization") != f"Basic {basic}"
                or asked["code_challenge_method"] != "S256"
                or asked["code_challenge"] != challenge
                or asked["redirect_uri"] != redirect_uri
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": self._proof(asked)})

        return app

    def _proof(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.claims}
        lies: dict[str, dict[str, Any]] = {
            "issuer": {"iss": "https://elsewhere.example"},
            "audience": {"aud": "another-client"},
            "nonce": {"nonce": "of another sign-in"},
            "expired": {"exp": now - 3_600},
        }
        claims |= lies.get(self.spoil, {})
        if self.spoil == "unsigned":
            parts = [b'{"alg":"none"}', json.dumps(claims).encode()]
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        key = self.stranger_key if self.spoil == "signature" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.as_dict()["kid"]}, claims, key)
