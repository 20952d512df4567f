// What a responder must know: consequence, action, time to respond, owner (ISA-18.2 rationalisation).

import { el } from "./element.js";
import { span } from "./figures.js";
import { pick, t } from "./frame.js";

export function guidanceNode(guidance) {
  if (!guidance) return el("p", { class: "notice" }, t("No guidance is written for this alarm."));
  const rows = [
    [t("Action"), pick(guidance.action)],
    [t("If nothing is done"), pick(guidance.consequence)],
    [t("Respond within"), guidance.respond_within_s ? span(guidance.respond_within_s * 1000) : ""],
    [t("Owner"), pick(guidance.owner)],
  ];
  return el(
    "dl",
    { class: "guidance" },
    rows.filter(([, text]) => text).map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text))),
  );
}
