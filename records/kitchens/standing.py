"""What stands of kitchens at a moment: matters of class 1 and 2, cameras that do not see, visits that are late. Pure.

Class 3 stands nowhere: it is on the list of the week.
"""

from collections.abc import Iterable, Iterator, Mapping

from records.kitchens.cameras import Camera
from records.kitchens.matters import Matter
from records.kitchens.score import Score
from records.kitchens.terms import KitchenTerms
from records.safety.days import moment
from records.safety.standing import Standing
from topics.finding import Origin, Text

FAMILY, HEALTH = "kitchen", "camera-health"
ORIGIN = Origin("kitchens", 0, 0, 0)
NOT_SEEN_AGAIN = Text("未再发现", "not seen again")

#: Rule → what is said of it once it no longer stands.
OVER: Mapping[str, Text] = {
    "kitchen-warning": NOT_SEEN_AGAIN,
    "kitchen-order": NOT_SEEN_AGAIN,
    "camera-silent": Text("摄像头已恢复上报", "the camera speaks again"),
    "camera-unseeing": Text("画面已恢复清晰", "the picture is clear again"),
    "kitchen-visit": Text("已检查", "visited"),
}
RULE = {1: "kitchen-warning", 2: "kitchen-order"}
STATES: Mapping[str, Text] = {
    "blurred": Text("画面模糊", "its picture is blurred"),
    "covered": Text("镜头被遮挡", "its lens is covered"),
    "dark": Text("画面全黑", "its picture is dark"),
}


def matters_standing(found: Iterable[Matter], terms: KitchenTerms, now: int) -> Iterator[Standing]:
    """A warning for each matter of class 1, an order for each of class 2."""
    for each in found:
        rule = RULE.get(each.kind)
        if rule is None:
            continue
        title = terms.sighting(each.what).title
        cameras = "、".join(each.cameras)
        fix = moment(each.start + terms.fix_s * 1000)
        orders = each.kind == 2
        zh = f"后厨发现{title.zh}（{cameras}，{each.times} 次）" + (f"，限 {fix} 前整改" if orders else "")
        en = f"{title.en} seen in the kitchen ({', '.join(each.cameras)}, {each.times} times)"
        en += f", to be put right by {fix}" if orders else ""
        yield Standing(
            rule=rule,
            family=FAMILY,
            quantity=rule,
            site=each.site,
            subject=f"{each.site}|{each.what}",
            severity=terms.severity(rule),
            text=Text(zh, en),
            since=each.start,
            ended=each.over(terms, now),
            # Each doubling is worth an update: nobody is helped by one a minute.
            mark=str(each.times.bit_length()),
            facts={"what": each.what, "times": each.times, "picture": each.picture, "fix_by": fix if orders else ""},
        )


def cameras_standing(cameras: Iterable[Camera], terms: KitchenTerms, now: int) -> Iterator[Standing]:
    """Cameras that say nothing or do not see."""
    for each in cameras:
        fault = each.fault(terms, now)
        if fault is None:
            continue
        minutes = terms.unseeing_s // 60
        if fault.rule == "camera-silent":
            text = Text(
                f"摄像头 {each.camera} 已超过 {minutes} 分钟无数据，后厨情况未知",
                f"camera {each.camera} has said nothing for more than {minutes} min: what goes on there is not known",
            )
        else:
            why = STATES[each.state]
            text = Text(
                f"摄像头 {each.camera} {why.zh}超过 {minutes} 分钟，后厨情况未知",
                f"camera {each.camera}: {why.en} for more than {minutes} min, what goes on there is not known",
            )
        yield Standing(
            rule=fault.rule,
            family=HEALTH,
            quantity=HEALTH,
            site=each.site,
            subject=f"{each.site}|{each.camera}",
            severity=terms.severity(fault.rule),
            text=text,
            since=fault.since,
            mark=each.state,
            facts={"camera": each.camera, "state": each.state},
        )


def visits_standing(scores: Iterable[Score], terms: KitchenTerms, now: int) -> Iterator[Standing]:
    """Kitchens whose visit is late."""
    for each in scores:
        if each.due < now:
            yield Standing(
                rule="kitchen-visit",
                family=FAMILY,
                quantity="kitchen-visit",
                site=each.site,
                subject=each.site,
                severity=terms.severity("kitchen-visit"),
                text=Text(
                    f"应于 {moment(each.due)} 前现场检查（评分 {each.score:g}）",
                    f"a visit was due by {moment(each.due)} (score {each.score:g})",
                ),
                since=each.due + 1,
                facts={"score": each.score, "due": each.due},
            )
