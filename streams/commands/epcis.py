"""`citybrain epcis`: check EPCIS 2.0 documents, from files or as the alert server answers them."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from records.epcis_fault import Fault, shown
from records.epcis_identity import identity_remarks
from records.epcis_structure import document_faults, document_remarks, events_of
from records.event_hash import event_hash
from streams.commands.cluster import AsJson
from streams.server_client import ServerClient
from streams.settings import load_settings
from topics.errors import ConfigurationError

app = typer.Typer(help="EPCIS 2.0 documents.", no_args_is_help=True, add_completion=False)

ANSWER = "the answer of the alert server"


@app.callback()
def epcis() -> None:
    """EPCIS 2.0 documents."""


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="documents in JSON; - reads standard input")] = None,
    schema: Annotated[
        Path | None, typer.Option(help="the official EPCIS-JSON-Schema.json, which this product does not carry")
    ] = None,
    from_server: Annotated[bool, typer.Option("--from-server", help="check what the query interface answers")] = False,
    server: Annotated[str | None, typer.Option("--server", help="the alert server")] = None,
    as_json: AsJson = False,
) -> None:
    """Every fault with its JSON path, what was required and what came; exit status 1 if there is any."""
    if not files and not from_server:
        raise ConfigurationError("epcis check: expected FILE or --from-server, got neither")
    validator = None
    if schema is not None:
        from streams.epcis_schema import open_schema  # only who asks for it pays for it

        validator = open_schema(schema)
    told: list[dict[str, Any]] = []
    for name, document in _documents(files or [], from_server, server):
        rows = [{"by": "structure"} | msgspec.to_builtins(each) for each in _structure(document)]
        if validator is not None and not isinstance(document, _Unread):
            from streams.epcis_schema import schema_faults

            rows += [{"by": "schema"} | msgspec.to_builtins(each) for each in schema_faults(document, validator)]
        remarks = [msgspec.to_builtins(each) for each in (*document_remarks(document), *identity_remarks(document))]
        told.append({"document": name, "events": _count(document), "faults": rows, "remarks": remarks})
    bad = sum(len(each["faults"]) for each in told)
    if as_json:
        print(json.dumps({"documents": told, "schema": str(schema or ""), "ok": not bad}, ensure_ascii=False))
    else:
        for each in told:
            for fault in each["faults"]:
                line = f"{each['document']}: {fault['where']}: required {fault['required']}, got {fault['got']}"
                print(f"{line} ({fault['by']})", file=sys.stderr)
            for remark in each["remarks"]:
                line = f"{each['document']}: {remark['where']}: expected {remark['required']}, got {remark['got']}"
                print(f"{line} (remark)", file=sys.stderr)
            print(f"{each['document']}: {each['events']} events, {len(each['faults'])} faults")
    if bad:
        raise typer.Exit(1)


@app.command(name="hash")
def hashes(
    file: Annotated[Path, typer.Argument(help="a document in JSON; - reads standard input")], as_json: AsJson = False
) -> None:
    """The CBV 2.0 hash of each event: its identity where it has no eventID."""
    ((_, document),) = _documents([file], False, None)
    events = events_of(document)[1] if isinstance(document, dict) else None
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise ConfigurationError(f"{file}: expected an EPCIS document with a list of events, got {shown(document)}")
    found = [event_hash(event, document.get("@context")) for event in events]
    print(json.dumps({"hashes": found})) if as_json else print("\n".join(found))


class _Unread(msgspec.Struct):
    """A file that is no JSON, and why."""

    why: str


def _documents(files: list[Path], from_server: bool, server: str | None) -> Iterator[tuple[str, Any]]:
    for file in files:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"epcis: expected to read {file}, got: {error.strerror}") from error
        except UnicodeDecodeError as error:
            yield str(file), _Unread(str(error))
            continue
        try:
            yield str(file), json.loads(text)
        except (ValueError, RecursionError) as error:
            yield str(file), _Unread(str(error))
    if from_server:
        pages = ServerClient(load_settings(), server).pages("/api/epcis/events")
        yield from ((f"{ANSWER}, page {number}", page) for number, page in enumerate(pages, start=1))


def _structure(document: Any) -> Iterator[Fault]:
    if isinstance(document, _Unread):
        yield Fault("$", "JSON in UTF-8", document.why)
    else:
        yield from document_faults(document)


def _count(document: Any) -> int:
    events = events_of(document)[1] if isinstance(document, dict) else None
    return len(events) if isinstance(events, list) else 0
