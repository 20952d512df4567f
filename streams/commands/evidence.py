"""`citybrain evidence`: fetch a finding's evidence pack as one file, or verify one without any server."""

import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from alerts.evidence.sealed import Manifest, faults_of
from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings
from topics.errors import ConfigurationError


def command(
    finding: Annotated[str | None, typer.Argument(help="the finding's id, as its alarm's story shows it")] = None,
    out: Annotated[Path | None, typer.Option(help="the file to write (ZIP)")] = None,
    verify: Annotated[Path | None, typer.Option(help="verify this pack instead; needs no server")] = None,
    head: Annotated[str | None, typer.Option(help="with --verify: the head that was noted elsewhere")] = None,
    url: Annotated[str | None, typer.Option(help="address of the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Exit status 1 where a pack has been changed."""
    if (verify is None) == (finding is None):
        raise ConfigurationError("evidence: expected a finding's id or --verify FILE, got both or neither")
    if verify is not None:
        _verify(verify, head, as_json)
        return
    if out is None:
        raise ConfigurationError("--out: expected the file to write, got nothing")
    body = ServerClient(load_settings(), url).fetch(f"/api/findings/{finding}/evidence")
    manifest, faults = faults_of(body)
    try:
        out.write_bytes(body)
    except OSError as error:
        raise ConfigurationError(f"--out {out}: expected a file that can be written, got: {error.strerror}") from error
    _tell(manifest, faults, as_json)


def _verify(file: Path, head: str | None, as_json: bool) -> None:
    try:
        body = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"--verify {file}: expected a readable file, got: {error.strerror}") from error
    manifest, faults = faults_of(body, head)
    _tell(manifest, faults, as_json)


def _tell(manifest: Manifest | None, faults: list[str], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"faults": faults, "manifest": msgspec.to_builtins(manifest)}, ensure_ascii=False))
    elif manifest is not None:
        for part in manifest.parts:
            print(f"{part.name:20} {part.size:>10,} bytes  {part.sha256}")
        for lack in manifest.missing:
            print(f"missing: {lack.part}: {lack.why.zh} / {lack.why.en}")
        print(f"head {manifest.head}: {'CHANGED' if faults else 'whole'}")
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        raise typer.Exit(1)
