"""A refusal in both languages, with its HTTP status."""

from topics.errors import CityBrainError
from topics.finding import Text


class Refused(CityBrainError):
    """What was asked is not done. ``status`` as in HTTP, ``reason`` a word for the record, ``wait_s`` until when."""

    def __init__(self, status: int, text: Text, reason: str, wait_s: int | None = None) -> None:
        super().__init__(text.en)
        self.status = status
        self.text = text
        self.reason = reason
        self.wait_s = wait_s


NOT_SIGNED_IN = Text("请先登录", "sign in first")
WRONG = Text("用户名或密码不正确", "the name or the password is wrong")
GONE = Text("会话或令牌无效、已过期或已撤销", "this session or token is not valid, has expired or was revoked")
NOT_YOURS = Text("没有此对象，或不在您的辖区内", "there is no such thing, or it is outside your jurisdiction")
HOSTILE = Text("请求来自其他网站，已拒绝", "refused: the request comes from another site's page")
NO_MARK = Text("请求缺少页面凭证，请刷新页面重试", "the request lacks the page's mark: load the page again")
LINK_GONE = Text("链接无效、已使用或已过期", "this link is not valid, was used or has expired")


def may_not(act: Text) -> Refused:
    """This account lacks the permission."""
    return Refused(403, Text(f"您的账号无权：{act.zh}", f"your account may not: {act.en}"), "no-permission")


def too_soon(wait_s: int) -> Refused:
    """Too many failures; how long to wait is said, whether the account exists is not."""
    text = Text(f"尝试次数过多，请在 {wait_s} 秒后重试", f"too many attempts: try again in {wait_s} s")
    return Refused(429, text, "throttled", wait_s)
