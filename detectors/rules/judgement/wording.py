"""Why a period was judged as it was, in both languages."""

from topics.finding import Text
from topics.judgement import LimitUsed


def short(valid: int, needed: int, of: int, what: Text) -> Text:
    """Too little was valid."""
    return Text(
        f"有效{what.zh} {valid} 个，少于所需 {needed} 个（共 {of} 个）：无效，不作超标依据",
        f"{valid} valid {what.en} of {of}, fewer than the {needed} needed: invalid, no basis for an exceedance",
    )


def exempt(count: int, of: int, what: Text) -> Text:
    """Marks leave too little to judge."""
    return Text(
        f"标记豁免{what.zh} {count} 个（共 {of} 个）：不要求数据，不判定",
        f"marks exempt {count} of {of} {what.en}: no data are owed and nothing is judged",
    )


MINUTES = Text("分钟", "minutes")
HOURS = Text("小时", "hours")
MEANS = Text("5分钟均值", "5-minute means")

MISSING = Text("没有收到任何数据", "nothing came")


def how(method: str, valid: int, of: int, what: Text) -> Text:
    """Where the value comes from."""
    zh, en = {
        "device": ("设备上报的小时均值", "the device's own hour mean"),
        "minutes": (f"{valid}/{of} 个有效分钟的均值", f"mean of {valid} valid minutes of {of}"),
        "flow-weighted": (f"{valid}/{of} 个有效小时按流量加权", f"{valid} valid hours of {of}, weighted by flow"),
        "arithmetic": (f"{valid}/{of} 个有效小时的算术平均", f"plain mean of {valid} valid hours of {of}"),
    }[method]
    return Text(zh, en)


def outcome(verdict: str, source: Text, limit: LimitUsed | None) -> Text:
    """The value's origin, then what the limit makes of it."""
    if limit is None:
        return Text(f"{source.zh}；该均值没有适用的限值", f"{source.en}; no limit of this averaging holds")
    zh, en = {
        "within": ("未超过", "within"),
        "exceeds": ("超过", "beyond"),
        "anomaly": ("超过（小时均值，仅提示企业）", "beyond (an hour mean: a word to the plant only)"),
    }[verdict]
    doubt = Text("", "") if limit.confirmed else Text("（限值未经核实）", " (limit not confirmed)")
    return Text(
        f"{source.zh}；{zh}限值 {limit.value:g}{doubt.zh}：{limit.why.zh}",
        f"{source.en}; {en} the limit {limit.value:g}{doubt.en}: {limit.why.en}",
    )


def and_marks(text: Text, count: int) -> Text:
    """Said where marks took part."""
    if not count:
        return text
    return Text(
        f"{text.zh}。有 {count} 条标记参与；重叠时按 豁免＞无效＞有效",
        f"{text.en}. {count} marks took part; where they overlap: exempt before invalid before valid",
    )
