"""What of HJ 212 the gateway implements, command by command: the table of docs/hj212.md, held to the code by a test."""

from typing import Literal

import msgspec

from topics.finding import Text

#: ``keeps``: values become readings; ``notes``: taken and answered, no readings; ``gives``: the gateway's own command;
#: ``hears``: a device's answer to it; ``answers``: what the gateway sends back; ``none``: taken in silence.
Role = Literal["keeps", "notes", "gives", "hears", "answers", "none"]

ROLES: dict[Role, Text] = {
    "keeps": Text("入库为读数", "readings; answered 9014"),
    "notes": Text("应答并记日志，不产生读数", "answered and logged, no readings"),
    "gives": Text("网关作为上位机下发", "given by the gateway as upper computer"),
    "hears": Text("设备对下发命令的应答", "heard as the device's answer"),
    "answers": Text("网关的应答", "the gateway's answer"),
    "none": Text("接收，不应答", "taken in silence"),
}


class Row(msgspec.Struct, frozen=True):
    """One command: ``since`` is the edition that brought it; a command may have two roles."""

    cn: str
    name: Text
    since: str
    roles: tuple[Role, ...]


ROWS = (
    Row("1011", Text("提取现场机时间", "device's time"), "2005", ("gives", "hears")),
    Row("1012", Text("设置现场机时间", "set the device's time"), "2005", ("gives",)),
    Row("1013", Text("现场机时间校准请求", "device asks for its time to be set"), "2017", ("hears",)),
    Row("2011", Text("污染物实时数据", "realtime data"), "2005", ("keeps",)),
    Row("2013", Text("原始数据（谱图）", "raw spectra"), "2025", ("notes",)),
    Row("2021", Text("治理设施运行状态", "state of treatment devices"), "2005", ("keeps",)),
    Row("2031", Text("污染物日历史数据", "day data"), "2005", ("keeps", "gives")),
    Row("2041", Text("治理设施日运行时间", "daily run time of treatment devices"), "2005", ("keeps",)),
    Row("2051", Text("污染物分钟数据", "minute data"), "2005", ("keeps", "gives")),
    Row("2052", Text("噪声单次监测数据", "single noise measurement"), "2025", ("keeps",)),
    Row("2061", Text("污染物小时数据", "hour data"), "2005", ("keeps", "gives")),
    Row("2062", Text("自动标样核查数据", "checks against a standard"), "2025", ("notes",)),
    Row("2081", Text("数采仪开机时间", "restart of the logger"), "2017", ("notes",)),
    Row("2111", Text("炉膛温度 5 分钟均值", "furnace temperature, 5-minute mean"), "2025", ("keeps",)),
    Row("3019", Text("设备唯一标识", "the instrument's own number"), "2017", ("notes",)),
    Row(
        "3020", Text("现场机信息（日志、状态、参数）", "log, state and parameters of an instrument"), "2017", ("notes",)
    ),
    Row("9011", Text("请求应答（QnRtn）", "answer to a request (QnRtn)"), "2005", ("hears",)),
    Row("9012", Text("执行结果（ExeRtn）", "result of a request (ExeRtn)"), "2005", ("hears",)),
    Row("9013", Text("通知应答", "answer to a notification"), "2005", ("answers",)),
    Row("9014", Text("数据应答", "answer to data"), "2005", ("answers",)),
    Row("9015", Text("心跳", "heartbeat"), "2025", ("none",)),
)


def implemented_table() -> str:
    """The table as it stands in docs/hj212.md."""
    lines = ["| CN | 命令 / command | since | what the gateway does |", "|---|---|---|---|"]
    for row in ROWS:
        does = "; ".join(ROLES[role].en for role in row.roles)
        lines.append(f"| {row.cn} | {row.name.zh} / {row.name.en} | {row.since} | {does} |")
    return "\n".join(lines)
