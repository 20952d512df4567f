"""What can be done at the desk, and which role may do it: the one table of permissions.

A route names the act it needs (route_acts.py), an account bears roles, a personal token a part of its account's
acts. Nothing else in the program grants anything.
"""

from typing import Literal, get_args

from topics.finding import Text

Role = Literal["viewer", "operator", "duty-officer", "data-scientist", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

Act = Literal[
    "open",
    "own-account",
    "see",
    "scrape",
    "acknowledge",
    "comment",
    "judge",
    "shelve",
    "suppress",
    "escalate",
    "close",
    "silence",
    "hand-over",
    "release-warning",
    "sign-report",
    "retry-delivery",
    "post-alerts",
    "post-receipt",
    "tune",
    "promote",
    "see-audit",
    "manage-accounts",
]

#: Acts that are no permission: anybody may sign in, and whoever is signed in may look after the own account.
WITHOUT_ROLE: frozenset[Act] = frozenset({"open", "own-account"})

ROLE_TITLES: dict[Role, Text] = {
    "viewer": Text("查看", "viewer"),
    "operator": Text("操作员", "operator"),
    "duty-officer": Text("值班员", "duty officer"),
    "data-scientist": Text("数据分析", "data scientist"),
    "administrator": Text("管理员", "administrator"),
}

ACT_TITLES: dict[Act, Text] = {
    "open": Text("登录前可见", "what anybody may see before signing in"),
    "own-account": Text("管理本人账号", "look after one's own account"),
    "see": Text("查看墙、报警和统计", "see wall, alarms and figures"),
    "scrape": Text("采集指标", "collect metrics"),
    "acknowledge": Text("确认报警", "acknowledge an alarm"),
    "comment": Text("添加备注", "add a remark"),
    "judge": Text("判定真伪", "say whether an alarm was true"),
    "shelve": Text("暂搁报警", "shelve an alarm for a while"),
    "suppress": Text("抑制或停用报警", "suppress an alarm or take it out of service"),
    "escalate": Text("升级、指派", "escalate or assign"),
    "close": Text("关闭报警、归档事件", "close an alarm, file an incident"),
    "silence": Text("静默", "silence alerts"),
    "hand-over": Text("交接班", "hand the desk over"),
    "release-warning": Text("发布或撤销预警", "release or cancel a warning"),
    "sign-report": Text("签发、上报事故报告", "sign an accident's report and pass it up"),
    "retry-delivery": Text("重新投递", "try a delivery again"),
    "post-alerts": Text("送入外部告警", "bring alerts in from outside"),
    "post-receipt": Text("送入回执", "bring a receipt in"),
    "tune": Text("调整检测器", "tune detectors"),
    "promote": Text("启用或回退检测配置", "bring a detector configuration into force, or take it back"),
    "see-audit": Text("查看审计日志", "read the audit log"),
    "manage-accounts": Text("管理账号", "manage accounts"),
}

#: What the record calls things that are done under an act above, where that says too little.
NOTED_TITLES: dict[str, Text] = {
    "sign-in": Text("登录", "sign in"),
    "sign-out": Text("退出登录", "sign out"),
    "use-link": Text("使用一次性链接", "use a one-time link"),
    "change-password": Text("修改密码", "change the password"),
    "make-token": Text("生成令牌", "make a token"),
    "revoke": Text("撤销会话或令牌", "end a session or token"),
    "add-account": Text("新建账号", "add an account"),
    "change-account": Text("修改账号", "change an account"),
    "make-link": Text("生成一次性链接", "make a one-time link"),
    "make-administrator-link": Text("生成管理员链接", "make a link for an administrator"),
}

#: act x role. Administrators look after accounts and read the record; they do not answer alarms unless they
#: bear a second role, so that nobody both acts and keeps the list of those who may.
PERMISSIONS: dict[Act, frozenset[Role]] = {
    "see": frozenset(ROLES),
    "scrape": frozenset(ROLES),
    "acknowledge": frozenset({"operator", "duty-officer"}),
    "comment": frozenset({"operator", "duty-officer", "data-scientist"}),
    "judge": frozenset({"operator", "duty-officer", "data-scientist"}),
    "shelve": frozenset({"operator", "duty-officer"}),
    "suppress": frozenset({"duty-officer"}),
    "escalate": frozenset({"operator", "duty-officer"}),
    "close": frozenset({"duty-officer"}),
    "silence": frozenset({"duty-officer"}),
    "hand-over": frozenset({"operator", "duty-officer"}),
    "release-warning": frozenset({"duty-officer"}),
    "sign-report": frozenset({"duty-officer"}),
    "retry-delivery": frozenset({"operator", "duty-officer"}),
    "post-alerts": frozenset({"operator", "duty-officer"}),
    "post-receipt": frozenset({"operator", "duty-officer"}),
    "tune": frozenset({"data-scientist"}),
    "promote": frozenset({"data-scientist", "administrator"}),
    "see-audit": frozenset({"administrator"}),
    "manage-accounts": frozenset({"administrator"}),
}

#: What the open desk may do: everything but look after accounts, for whoever sits at this machine could be anybody.
OPEN_DESK: frozenset[Act] = frozenset(PERMISSIONS) - {"manage-accounts", "see-audit"}


def acts_of(roles: frozenset[Role]) -> frozenset[Act]:
    """What these roles together may do."""
    return frozenset(act for act, may in PERMISSIONS.items() if may & roles) | WITHOUT_ROLE
