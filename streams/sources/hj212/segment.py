"""A data segment as fields: ``QN;ST;CN;PW;MN;Flag;[RF;][PNUM;PNO;]CP=&&…&&``.

Takes what real devices send: fields in any order and case, none of QN and Flag (2005), several sub-fields
of one factor joined by ``,`` or torn apart by ``;``, text in UTF-8 or GB 18030.
"""

import re

import msgspec

from streams.sources.hj212.diagnosis import BadSegment

#: An MN is an opaque key, but it becomes a part of a series id and a registry key.
_MN = re.compile(r"[^~/\s\x00-\x1f][^/\x00-\x1f]{0,79}")
_CN = re.compile(r"[0-9]{4}")
_FLAG = re.compile(r"[0-9]{1,3}")

_ACK_WANTED = 1
_IN_PARTS = 2


class Group(msgspec.Struct):
    """The sub-fields of one factor as sent: ``{"Rtd": "8.33", "Flag": "N"}``; names in the sender's own case."""

    code: str
    fields: dict[str, str]


class Segment(msgspec.Struct):
    """``cp`` holds the plain fields of CP (DataTime, QnRtn, …) by lower-case name, ``groups`` its factors in
    order, ``odd`` what is neither. ``flag`` is the byte or None; ``pnum``/``pno`` 0 where the message is whole.
    """

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int | None
    pnum: int
    pno: int
    backfill: bool
    cp: dict[str, str]
    groups: list[Group]
    odd: list[str]

    @property
    def ack_wanted(self) -> bool:
        """Whether the device asks for an answer and can recognise it (bit 0 of Flag, and a QN to echo)."""
        return bool(self.qn and self.flag is not None and self.flag & _ACK_WANTED)

    @property
    def asks(self) -> bool:
        """Whether it is a platform's request: a period (BeginTime) or nothing at all, and no values."""
        return not self.groups and ("begintime" in self.cp or not self.cp)

    @property
    def version(self) -> int | None:
        """The version bits: 0 = 2005, 1 = 2017, 2 = 2025. Devices lie here; see ``edition.py``."""
        return None if self.flag is None else self.flag >> 2


def parse_segment(data: bytes) -> Segment:
    """Read a segment. Raises ``BadSegment``, whose ``diagnosis`` says which field was required and what came."""
    text = _text(data)
    head, opening, rest = text.partition("CP=&&")
    if not opening:
        raise BadSegment("no_cp", "缺少 CP=&&…&&", "CP is missing: expected CP=&&…&&")
    content, closing, behind = rest.rpartition("&&")
    if not closing:
        raise BadSegment("cp_open", "CP 没有以 && 结束", 'CP is not closed: expected "&&" at the end')
    if content.startswith("{0x"):
        raise BadSegment(
            "encrypted",
            "数据区为 SM4 密文（HJ 212-2025），解密需要该设备的密钥",
            "the body is SM4 cipher text (HJ 212-2025), which needs the device's key",
        )
    fields = _head(head + behind)
    cn, mn, flag = fields.get("CN", ""), fields.get("MN", ""), fields.get("FLAG", "")
    if not _CN.fullmatch(cn):
        raise _required("CN", "四位数字", "four digits", cn)
    if not _MN.fullmatch(mn):
        raise _required("MN", "1 至 80 个字符，不含 / 和控制字符", "1 to 80 characters, no slash or control", mn)
    if flag and not (_FLAG.fullmatch(flag) and int(flag) < 256):
        raise _required("Flag", "0 至 255", "0 to 255", flag)
    segment = Segment(
        qn=fields.get("QN", ""),
        st=fields.get("ST", ""),
        cn=cn,
        pw=fields.get("PW", ""),
        mn=mn,
        flag=int(flag) if flag else None,
        pnum=0,
        pno=0,
        backfill=fields.get("RF", "") == "1",
        cp={},
        groups=[],
        odd=[],
    )
    if flag and int(flag) & _IN_PARTS:
        segment.pnum, segment.pno = _number(fields.get("PNUM", "")), _number(fields.get("PNO", ""))
    _read_content(content, segment)
    return segment


def _text(data: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")  # never fails; what it garbles was readable in neither


def _head(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for item in text.split(";"):
        name, equals, value = item.partition("=")
        if equals:
            fields.setdefault(name.strip().upper(), value.strip())
    return fields


def _read_content(content: str, segment: Segment) -> None:
    last: dict[str, Group] = {}
    for item in content.replace(";", ",").split(","):
        if not item or item.isspace():
            continue
        name, equals, value = item.partition("=")
        name, value = name.strip(), value.strip()
        code, dash, field = name.rpartition("-")
        if not equals or not name or (dash and not (code and field)):
            segment.odd.append(item)
        elif not dash:
            if segment.cp.setdefault(name.lower(), value) != value and name.lower() == "datatime":
                raise BadSegment("data_time_twice", "DataTime 出现两次且不同", "DataTime is given twice, and differs")
        else:
            group = last.get(code)
            # A sub-field that comes again begins a second value of the same factor; none is overwritten.
            if group is None or field in group.fields:
                group = last[code] = Group(code, {})
                segment.groups.append(group)
            group.fields[field] = value


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else 0


def _required(field: str, zh: str, en: str, came: str) -> BadSegment:
    if not came:
        return BadSegment(f"no_{field.lower()}", f"缺少 {field}", f"{field} is missing: expected {en}")
    return BadSegment(
        f"bad_{field.lower()}",
        f"{field} 应为 {zh}，而收到“{came[:80]}”",
        f'{field}: expected {en}, got "{came[:80]}"',
    )
