"""What the alarms of safety work and of food are about, where a pack's quantities have no name for it."""

from topics.finding import Text

SUBJECT_TITLES: dict[str, Text] = {
    "commitment": Text("每日安全承诺", "safety commitment of the day"),
    "commitment-truth": Text("安全承诺与实际", "commitment against the facts"),
    "special-work": Text("特殊作业票", "permits of special work"),
    "guarantor": Text("包保责任人", "named guarantors"),
    "static-grade": Text("静态分级", "static grade"),
    "inspection": Text("检查与隐患整改", "visits and hidden dangers"),
    "uncoded-sale": Text("无码销售", "sold without a code"),
    "broken-link": Text("追溯链条断开", "broken link of custody"),
    "two-holders": Text("一码多持", "one code, two holders"),
    "coding-records": Text("流通记录质量", "quality of flow records"),
    "kitchen-warning": Text("后厨即时预警", "kitchen, told at once"),
    "kitchen-order": Text("后厨限期整改", "kitchen, to be put right by a date"),
    "kitchen-visit": Text("后厨现场检查", "visit to a kitchen"),
    "camera-health": Text("摄像头状况", "health of cameras"),
}
