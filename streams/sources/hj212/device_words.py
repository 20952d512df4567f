"""Commands a gateway gives and the numbers devices answer them with, in both languages (HJ 212-2017, tables 6 to 9)."""

from topics.finding import Text

GET_TIME, SET_TIME, TIME_REQUEST = "1011", "1012", "1013"
REQUEST_ACK, RESULT = "9011", "9012"

#: Commands by which history is asked for: minute, hour and day data.
HISTORY = ("2051", "2061", "2031")
COMMANDS = (GET_TIME, SET_TIME, *HISTORY)

#: What becomes of a command.
OUTCOMES = ("done", "no_data", "refused", "failed", "timeout", "line_lost")

#: QnRtn: whether a request is accepted.
QN_RTN = {
    1: Text("准备执行请求", "ready"),
    2: Text("请求被拒绝", "refused"),
    3: Text("PW 错误", "wrong PW"),
    4: Text("MN 错误", "wrong MN"),
    5: Text("ST 错误", "wrong ST"),
    6: Text("Flag 错误", "wrong Flag"),
    7: Text("QN 错误", "wrong QN"),
    8: Text("CN 错误", "wrong CN"),
    9: Text("CRC 校验错误", "wrong CRC"),
    100: Text("未知错误", "unknown error"),
}

#: ExeRtn: what came of it.
EXE_RTN = {
    1: Text("执行成功", "done"),
    2: Text("执行失败，但不知道原因", "failed"),
    3: Text("命令请求条件错误", "wrong conditions"),
    4: Text("通讯超时", "timed out within the device"),
    5: Text("系统繁忙", "busy"),
    6: Text("系统故障", "system fault"),
    100: Text("没有数据", "no data"),
}
