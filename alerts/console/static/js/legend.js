// What the marks mean, worst first; a wall is read by people who did not build it.

import { el } from "./element.js";
import { levels, pick, t } from "./frame.js";
import { mark } from "./levels.js";

export function legend() {
  const worst = levels[0].code;
  const rows = levels.map((level) => [mark(level.code, true), pick(level.title, level.code)]);
  rows.push([mark(worst, false), t("outline: taken by somebody")]);
  rows.push([el("span", { class: "hatch" }), t("hatched: no data")]);
  return rows.map(([sign, words]) => el("li", {}, sign, el("span", {}, words)));
}
