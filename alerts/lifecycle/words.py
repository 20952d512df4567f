"""The words of the desk for states, actions and rules, in both languages."""

from topics.finding import Text

#: By phase: a state, where ``normal`` is ``blank`` (never opened) or ``closed``.
PHASE_TITLES: dict[str, Text] = {
    "blank": Text("尚未触发", "never opened"),
    "delayed": Text("延时中", "delayed"),
    "unacknowledged": Text("未确认", "unacknowledged"),
    "acknowledged": Text("已确认", "acknowledged"),
    "returned-unacknowledged": Text("已恢复未确认", "returned, unacknowledged"),
    "latched": Text("已锁存待复位", "latched, to be reset"),
    "returned-unconfirmed": Text("已恢复待复核", "returned, to be confirmed"),
    "shelved": Text("已搁置", "shelved"),
    "suppressed": Text("设计性抑制", "suppressed by design"),
    "out-of-service": Text("停用检修", "out of service"),
    "closed": Text("已关闭", "closed"),
}

#: By the action's name in the log.
ACTION_TITLES: dict[str, Text] = {
    "raised": Text("触发", "raised"),
    "changed": Text("变化", "changed"),
    "cleared": Text("恢复", "cleared"),
    "revised": Text("修订", "revised"),
    "recorded": Text("补录", "recorded"),
    "annunciated": Text("发声", "annunciated"),
    "returned": Text("确已恢复", "returned"),
    "re-alarmed": Text("再次报警", "re-alarmed"),
    "hidden": Text("归并到起因", "hidden behind its cause"),
    "shown": Text("重新显示", "shown again"),
    "suppressed-by-design": Text("按单元状态抑制", "suppressed by design: its unit's state"),
    "design-over": Text("单元状态抑制结束", "its unit's state suppresses it no longer"),
    "acknowledged": Text("确认", "acknowledge"),
    "reset": Text("复位", "reset"),
    "confirmed": Text("复核", "confirm"),
    "shelved": Text("搁置", "shelve"),
    "unshelved": Text("取消搁置", "unshelve"),
    "suppressed": Text("抑制", "suppress"),
    "out-of-service": Text("停用", "take out of service"),
    "returned-to-service": Text("恢复使用", "return to service"),
    "escalated": Text("升级上报", "escalate"),
    "handed-over": Text("移交", "hand over"),
    "commented": Text("备注", "comment"),
    "judged": Text("定性", "judge"),
    "closed": Text("关闭", "close"),
}

#: By the rule's name in the log: what happened without anybody asking for it.
RULE_TITLES: dict[str, Text] = {
    "severity-rise": Text("级别升高", "its severity rose"),
    "condition-returned": Text("异常再次出现", "its condition came back"),
    "on-delay": Text("触发延时已到", "its on-delay is over"),
    "on-delay-not-reached": Text("触发延时未到即恢复", "it was gone before its on-delay was over"),
    "off-delay": Text("恢复延时", "off-delay"),
    "deadband": Text("未离开死区", "still within the deadband"),
    "one-shot-over": Text("一次性搁置随恢复结束", "one-shot shelving ends with the return"),
    "shelving-time-over": Text("搁置到期", "the time of its shelving is over"),
    "re-alarm-unacknowledged": Text("久未确认", "unacknowledged for too long"),
    "re-alarm-still-active": Text("确认后仍未恢复", "acknowledged and still there for too long"),
    "acknowledge-within": Text("未按时限确认", "not acknowledged in time"),
    "overdue-climbs": Text("逾期逐级上报", "what is overdue has climbed"),
    "unit-state": Text("单元状态使其无意义", "the state of its unit makes it meaningless"),
    "unit-state-over": Text("单元状态已变", "the state of its unit has changed"),
    "cause-over": Text("起因已结束", "its cause is over"),
}

#: Lines of the log that change no state, by their name.
NOTE_TITLES: dict[str, Text] = {
    "warning-released": Text("发布预警", "warning released"),
    "delivered": Text("已送达", "delivered"),
    "signed-for": Text("已签收", "signed for"),
    "delivery-dead": Text("投递失败", "delivery given up"),
    "silenced": Text("已静默", "silenced"),
    "consequence-hidden": Text("后果归并于此", "a consequence is hidden behind it"),
    "consequence-shown": Text("后果重新显示", "a consequence is shown again"),
}

#: What a unit of a plant says of itself.
UNIT_STATES: dict[str, Text] = {
    "running": Text("运行", "running"),
    "out-of-service": Text("停用", "out of service"),
    "start-up": Text("开车", "starting up"),
}


def unit_title(unit: str, state: str) -> Text:
    """Why something is suppressed by design."""
    title = UNIT_STATES.get(state, Text(state, state))
    return Text(f"单元 {unit}：{title.zh}", f"unit {unit}: {title.en}")
