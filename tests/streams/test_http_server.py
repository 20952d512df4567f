"""The server on a real port, plain and by TLS."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI, Request

from streams.http_server import HttpServer
from topics.errors import PartMissing


def echo() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def root(request: Request) -> dict[str, str]:
        return {"scheme": request.url.scheme, "caller": request.client.host if request.client else ""}

    return app


@asynccontextmanager
async def served(server: HttpServer) -> AsyncIterator[HttpServer]:
    task = asyncio.create_task(server.run())
    try:
        yield server
    finally:
        server.stop()
        await task


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


async def test_with_a_certificate_it_speaks_tls(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    server = HttpServer(echo(), "127.0.0.1", 0, cert_file=str(cert), key_file=str(key))
    trust = ssl.create_default_context(cafile=str(cert))
    async with served(server), httpx.AsyncClient(verify=trust) as client:
        answer = await client.get(f"https://localhost:{server.port}/")
    assert answer.json() == {"scheme": "https", "caller": "127.0.0.1"}


async def test_nobodys_word_on_who_calls_counts_unasked() -> None:
    told = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
    async with served(HttpServer(echo(), "127.0.0.1", 0)) as server, httpx.AsyncClient(headers=told) as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/")
    assert answer.json() == {"scheme": "http", "caller": "127.0.0.1"}


async def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    async with served(HttpServer(echo(), "127.0.0.1", 0)) as first, httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{first.port}/")
        with pytest.raises(PartMissing, match=f"expected port {first.port} of 127.0.0.1 to be free"):
            HttpServer(echo(), "127.0.0.1", first.port)
