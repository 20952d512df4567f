"""`citybrain grafana`: the walls as files, and into a Grafana."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from grafana.client import Grafana
from grafana.lint import problems
from grafana.publish import Episode
from grafana.publish import publish as bring_up_to_date
from grafana.render import RENDERED, rendered, stale, write
from streams.commands.cluster import AsJson, Domains, settings_of
from streams.metric_table import BY_NAME
from streams.packs import load_packs
from topics.errors import ConfigurationError, PartMissing

app = typer.Typer(help="Render or publish the Grafana walls.", no_args_is_help=True, add_completion=False)

_ALARMS_SHOWN = 200


@app.command()
def render(
    domains: Domains = None,
    folder: Annotated[Path, typer.Option("--to", help="folder of the JSON files")] = RENDERED,
    check: Annotated[bool, typer.Option("--check", help="write nothing; exit status 1 if a file is stale")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the walls as JSON, after looking them through."""
    files = rendered(load_packs(settings_of(domains=domains).domains))
    wrong = [f"{name}: {each}" for name, text in files.items() for each in problems(json.loads(text), BY_NAME)]
    changed = stale(files, folder) if check or wrong else write(files, folder)
    if as_json:
        print(json.dumps({"files": list(files), "changed": changed, "problems": wrong}, ensure_ascii=False))
    else:
        for line in (*wrong, *(f"{'stale' if check else 'wrote'}: {folder / name}" for name in changed)):
            print(line)
    raise typer.Exit(1 if wrong or (check and changed) else 0)


@app.command()
def publish(
    url: Annotated[str, typer.Option("--url", help="address of Grafana")] = "http://127.0.0.1:3000",
    token_file: Annotated[Path | None, typer.Option("--token-file", help="file with a service account's token")] = None,
    user: Annotated[str | None, typer.Option("--user", help="user, where there is no token")] = None,
    password_file: Annotated[Path | None, typer.Option("--password-file", help="file with the user's password")] = None,
    prometheus: Annotated[
        str, typer.Option("--prometheus", help="address of Prometheus as Grafana sees it")
    ] = "http://127.0.0.1:9090",
    alarms_from: Annotated[
        str | None, typer.Option("--alarms-from", help="address of the alarm server, to mark its alarms on the walls")
    ] = None,
    domains: Domains = None,
    check: Annotated[bool, typer.Option("--check", help="change nothing; exit status 1 if something would")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring folder, data source, walls and annotations of a Grafana up to date; twice is as once."""
    settings = settings_of(domains=domains)
    boards = [json.loads(text) for text in rendered(load_packs(settings.domains)).values()]
    episodes = [] if alarms_from is None else _episodes(alarms_from, settings.language, settings.server_token)
    with Grafana(url, _auth(token_file, user, password_file)) as grafana:
        done = bring_up_to_date(grafana, boards, prometheus, episodes, check=check)
    if as_json:
        print(json.dumps({"ok": done.up_to_date or not check, "changes": done.changes}, ensure_ascii=False))
    else:
        for what, change in done.changes.items():
            print(f"{change:8} {what}")
    if check and not done.up_to_date:
        print("not up to date; run without --check", file=sys.stderr)
        raise typer.Exit(1)


def _auth(token_file: Path | None, user: str | None, password_file: Path | None) -> str | tuple[str, str]:
    """Secrets come from files, because a command line is seen by everybody on the machine."""
    if token_file is not None:
        return _secret(token_file)
    if user is not None and password_file is not None:
        return user, _secret(password_file)
    raise ConfigurationError("grafana publish: expected --token-file, or --user with --password-file, got neither")


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a readable file, got {error.strerror}") from error


def _episodes(address: str, language: str, token: str) -> list[Episode]:
    """A server with accounts is asked with a token that has the scope ``see``."""
    try:
        answer = httpx.get(
            f"{address.rstrip('/')}/api/alarms",
            params={"state": "all", "limit": _ALARMS_SHOWN},
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=10,
        )
        answer.raise_for_status()
        items = answer.json()["items"]
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise PartMissing(f"alarm server at {address}: expected its list of alarms, got {error}") from error
    return [_episode(item, language) for item in items]


def _episode(item: dict[str, Any], language: str) -> Episode:
    # An alarm that is still open ends, on the wall, where it was last heard of.
    tags = item["domain"], item["latched_severity"]
    return Episode(str(item["id"]), item["opened"], item["closed"] or item["updated"], item["text"][language], tags)
