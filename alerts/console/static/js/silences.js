// What keeps an alarm quiet or stands behind it: silences that cover it or held something back, causes, consequences.

import { el } from "./element.js";
import { moment, sentence } from "./figures.js";
import { pick, t } from "./frame.js";
import { mark, stateTitle } from "./levels.js";

// `silences`: {items} of the interface, or {error}.
export function silenceNodes(silences, now) {
  if (silences?.error) return [el("p", { class: "error" }, silences.error.message)];
  const items = silences?.items ?? [];
  if (items.length === 0) return [el("p", { class: "notice" }, t("No silence covers this alarm or has held anything back."))];
  return items.map((each) =>
    el(
      "div",
      { class: "silence" },
      el("strong", {}, each.covers ? t("covers it now") : t("covers it no more")),
      el("span", {}, t("by {who}", { who: each.created_by })),
      el("span", {}, t("{start} to {end} (real time)", { start: moment(each.starts_at, now), end: moment(each.ends_at, now) })),
      el("code", {}, each.matchers.join(", ")),
      el("span", {}, each.since ? t("has held something back since {time} (real time)", { time: moment(each.since, now) }) : t("has held nothing back")),
      each.comment ? el("q", {}, each.comment) : null,
    ),
  );
}

// The cause this alarm is hidden behind, and the consequences hidden behind it.
export function behindNodes(alarm) {
  const nodes = [];
  if (alarm.hidden_by) {
    nodes.push(el("p", {}, el("a", { href: `/alarms/${encodeURIComponent(alarm.hidden_by)}` }, t("Hidden behind its cause"))));
  }
  for (const each of alarm.by_design ?? []) {
    nodes.push(el("p", {}, mark(each.severity, false), t("suppressed by design: {why}", { why: pick(each.title) })));
  }
  for (const each of alarm.consequences ?? []) {
    nodes.push(
      el(
        "p",
        { class: "consequence" },
        mark(each.severity, false, each.state === "normal"),
        el("a", { href: `/alarms/${encodeURIComponent(each.id)}` }, sentence(each.text)),
        el("span", {}, each.hidden ? t("hidden behind this one") : stateTitle(each.state)),
      ),
    );
  }
  return nodes;
}
