"""From faults of codes and figures of firms to what stands: each a finding until it is put right or grows old. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from records.coding.code_life import Fault
from records.coding.terms import CodingTerms
from records.pack_code import spoken
from records.safety.standing import Standing
from topics.finding import Origin, Text

FAMILY = "coding"
DAY_MS = 86_400_000
ORIGIN = Origin("custody", 0, 0, 0)

RECORDS = "coding-records"
CORRECTED = Text("已更正", "corrected")
GROWN_OLD = Text("已过展示期限，见赋码页面", "no longer told; it stays on the page of coding")

#: Rule → what is said of it once it no longer stands.
OVER: Mapping[str, Text] = {
    "uncoded-sale": CORRECTED,
    "broken-link": CORRECTED,
    "two-holders": CORRECTED,
    RECORDS: Text("记录质量已恢复", "records are well formed again"),
}

#: What each field of a record is called.
FIELD_TITLES: Mapping[str, Text] = {
    "place": Text("登记场所", "registered place"),
    "goods": Text("追溯码", "code of the goods"),
    "form": Text("GS1 格式的追溯码", "code in GS1 form"),
    "offset": Text("时区", "time zone"),
    "voucher": Text("出入库凭证", "voucher"),
    "source": Text("来源方", "from whom"),
    "destination": Text("去向方", "to whom"),
    "quantity": Text("数量", "quantity"),
    "importer": Text("进口商", "upstream importer"),
    "country": Text("原产国", "country of origin"),
    "batch": Text("批次", "batch"),
    "quarantine": Text("检疫证明", "quarantine"),
    "test_result": Text("检测结果", "test result"),
    "disinfection": Text("消毒证明", "proof of disinfection"),
    "carrier": Text("承运人", "carrier"),
}


Called = Callable[[str], Text]


def by_id(site: str) -> Text:
    """A site by its id, where nobody knows its title."""
    return Text(site, site)


def faults_standing(
    faults: Iterable[Fault], terms: CodingTerms, now: int, called: Called = by_id
) -> Iterator[Standing]:
    """Every fault, from its step on, for as long as the terms tell it; ``called`` gives a site its title."""
    for each in faults:
        until = each.time + round(terms.stands_days * DAY_MS)
        yield Standing(
            rule=each.kind,
            family=FAMILY,
            quantity=each.kind,
            site=each.site,
            subject=f"{each.code or each.event}|{each.event}",
            severity=terms.severity(each.kind),
            text=fault_text(each, called),
            since=each.time,
            ended=until if until <= now else None,
            ended_text=GROWN_OLD if until <= now else None,
            facts={"code": each.code, "event": each.event, "other": each.other},
        )


def fault_text(fault: Fault, called: Called = by_id) -> Text:
    """What is wrong, in both languages."""
    name, site, other = spoken(fault.name or fault.event), called(fault.site), called(fault.other)
    match fault.kind:
        case "uncoded-sale" if not fault.code:
            return Text(f"销售记录 {name.zh} 未载追溯码", f"sale {name.en} names no code")
        case "uncoded-sale":
            return Text(f"{name.zh} 未在首站赋码即销售", f"{name.en} was sold and never coded at a first station")
        case "two-holders":
            return Text(
                f"{name.zh} 由“{other.zh}”与“{site.zh}”两家同时使用",
                f"{name.en} is used by {other.en} and {site.en} at once",
            )
        case _ if fault.other:
            return Text(
                f"{name.zh} 链条断开：“{other.zh}”无出库记录，“{site.zh}”已有记录",
                f"{name.en}: link broken, {other.en} never sent it out and {site.en} has it",
            )
        case _:
            return Text(
                f"{name.zh} 链条断开：“{site.zh}”无入库记录", f"{name.en}: link broken, {site.en} never took it in"
            )


def records_standing(figures: Iterable[Mapping[str, Any]], terms: CodingTerms) -> Iterator[Standing]:
    """Firms too few of whose records are well formed."""
    for each in figures:
        if each["records"] < terms.min_records or each["share"] >= terms.least_share:
            continue
        percent = 100 * each["share"]
        worst = sorted(each["missing"].items(), key=lambda item: (-item[1], item[0]))[:3]
        zh = "、".join(f"缺{_field(name).zh} {count} 条" for name, count in worst)
        en = ", ".join(f"{_field(name).en} missing in {count}" for name, count in worst)
        yield Standing(
            rule=RECORDS,
            family=FAMILY,
            quantity=RECORDS,
            site=each["site"],
            subject=each["site"],
            severity=terms.severity(RECORDS),
            text=Text(
                f"{each['records']} 条流通记录中合格 {percent:.1f} %（应达 {100 * terms.least_share:g} %）：{zh}",
                f"{percent:.1f} % of {each['records']} records of flow are well formed "
                f"({100 * terms.least_share:g} % are asked): {en}",
            ),
            since=None,
            mark=str(int(percent / 5)),
            facts={"records": each["records"], "well_formed": each["well_formed"], "share": round(each["share"], 4)},
        )


def _field(name: str) -> Text:
    return FIELD_TITLES.get(name, Text(name, name))
