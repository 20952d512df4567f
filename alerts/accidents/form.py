"""The report as a paper: one page of HTML that stands alone, in Chinese or English, to be printed or sent."""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from topics.city_zone import CITY_ZONE

LANGUAGES = ("zh", "en")

#: The words of the form: (zh, en).
WORDS = {
    "form": ("生产安全事故报告单", "Report of an accident of production"),
    "number": ("编号", "Number"),
    "stage": ("报告阶段", "Stage"),
    "name": ("事故名称", "Accident"),
    "firm": ("事故单位", "Firm"),
    "place": ("地点", "Place"),
    "kind": ("事故类型", "Kind"),
    "occurred": ("发生时间", "Happened"),
    "known": ("获知时间", "Became known"),
    "as_of": ("数据截至", "Figures as of"),
    "reported": ("报告时间", "Reported"),
    "due": ("首报时限", "Initial report due"),
    "late": ("逾期", "late"),
    "grade": ("事故等级", "Grade"),
    "feared": ("失踪人员计为死亡时", "if the missing are dead"),
    "deaths": ("死亡", "Dead"),
    "missing": ("失踪", "Missing"),
    "serious": ("重伤（含急性中毒）", "Seriously injured (acute poisoning included)"),
    "minor": ("轻伤", "Slightly injured"),
    "loss_cny": ("直接经济损失（元）", "Direct loss (CNY)"),
    "course": ("简要经过", "Course"),
    "cause": ("原因", "Cause"),
    "measures": ("已采取的措施", "Measures"),
    "prepared": ("填报人", "Prepared by"),
    "signed": ("签发人", "Signed by"),
    "versions": ("历次数据", "All versions of the figures"),
    "not_counted": ("超出期限，不计入", "after the days allowed, not counted"),
    "source": ("依据", "By"),
    "unconfirmed": ("依据未经核实", "source not confirmed"),
    "alarms": ("关联报警", "Linked alarms"),
    "none": ("无", "none"),
    "simulated": ("模拟演练，非真实事故", "SIMULATED: no real accident"),
}


def report_form(case: dict[str, Any], number: int, language: str, *, simulated: bool) -> str:
    """The paper of report ``number`` (from 1) of a case's view. Raises ``LookupError`` where there is none."""
    if not 1 <= number <= len(case["versions"]):
        raise LookupError(f"report: expected 1 to {len(case['versions'])}, got {number}")
    place = LANGUAGES.index(language)
    reports = [each for each in case["events"] if each["type"] == "reported"]
    first = next(each for each in case["duties"] if each["name"] == "initial")
    paper: str = _template().render(
        lang="zh-CN" if language == "zh" else "en",
        w={name: words[place] for name, words in WORDS.items()},
        say=lambda text: text[language] if text else "",
        clock=clock,
        district=_districts().get(case["district"], {}).get(language, ""),
        case=case,
        version=case["versions"][number - 1],
        versions=case["versions"][:number],
        report=reports[number - 1],
        initial=first,
        newest=number == len(case["versions"]),
        simulated=simulated,
    )
    return paper


def clock(ms: int) -> str:
    """A moment as the city's people read it."""
    return f"{datetime.fromtimestamp(ms / 1000, CITY_ZONE):%Y-%m-%d %H:%M:%S}"


@cache
def _districts() -> dict[str, Any]:
    """The names of districts by code, as the pages say them."""
    file = Path(__file__).parent.parent / "console" / "districts.toml"
    found: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))["districts"]
    return found


@cache
def _template() -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    found = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return found.get_template("report_form.html")
