// The mark of a severity: shape, numeral and colour together, filled while somebody must act.

import { svg } from "./element.js";
import { levels, pick, t } from "./frame.js";

// A severity no scheme knows counts as the worst: what is not known is never played down.
const UNKNOWN = { code: "", rank: Infinity, shape: "circle", numeral: "?", title: null };
const byCode = new Map(levels.map((level) => [level.code, level]));

const OUTLINES = {
  square: () => svg("rect", { x: 2.5, y: 2.5, width: 19, height: 19, rx: 1.5 }),
  triangle: () => svg("path", { d: "M12 1.5 23 21.5H1Z", "stroke-linejoin": "round" }),
  diamond: () => svg("path", { d: "M12 1 23 12 12 23 1 12Z", "stroke-linejoin": "round" }),
  circle: () => svg("circle", { cx: 12, cy: 12, r: 10 }),
};
const BASELINES = { square: 16, triangle: 19, diamond: 16, circle: 16 };

export const level = (code) => byCode.get(code) ?? { ...UNKNOWN, code };
export const rank = (code) => level(code).rank;
export const levelTitle = (code) => pick(level(code).title, code);

// An alarm nobody has taken yet, whether it still stands or already went back; a hidden one calls for nobody.
export const needsAction = (alarm) =>
  (alarm.state === "unacknowledged" || alarm.state === "returned-unacknowledged") && !alarm.hidden_by;

// Judged and logged, but sounding nowhere.
const QUIET = new Set(["delayed", "shelved", "suppressed", "out-of-service"]);
export const isQuiet = (alarm) => QUIET.has(alarm.state) || (Boolean(alarm.hidden_by) && alarm.state !== "normal");

// The shape as a group of 24 by 24, to stand alone or to be placed in a map.
export function shape(code) {
  const { shape: name, numeral } = level(code);
  const text = svg("text", { x: 12, y: BASELINES[name], "text-anchor": "middle", "aria-hidden": "true" }, numeral);
  return svg("g", {}, OUTLINES[name](), text);
}

export function mark(code, filled, quiet = false) {
  const classes = ["level", code ? `level-${code}` : "", filled ? "filled" : "", quiet ? "zero" : ""];
  return svg(
    "svg",
    { class: classes.join(" "), viewBox: "0 0 24 24", role: "img", "aria-label": levelTitle(code) },
    shape(code),
  );
}

// A step of the log from or to "normal" is about the plant, not about a closed record.
export const stepTitle = (state) => (state === "normal" ? t("normal") : stateTitle(state));

export function stateTitle(state) {
  const titles = {
    unacknowledged: t("unacknowledged"),
    acknowledged: t("acknowledged"),
    "returned-unacknowledged": t("back to normal, unacknowledged"),
    normal: t("closed"),
    delayed: t("not yet sounded"),
    latched: t("over, to be reset"),
    "returned-unconfirmed": t("over, to be confirmed"),
    shelved: t("shelved"),
    suppressed: t("suppressed"),
    "out-of-service": t("out of service"),
  };
  return titles[state] ?? state;
}

// What needs action first: unacknowledged, then the worse severity, then the older.
export function byUrgency(one, other) {
  return (
    needsAction(other) - needsAction(one) ||
    rank(other.severity) - rank(one.severity) ||
    one.opened - other.opened ||
    String(one.id).localeCompare(String(other.id))
  );
}
