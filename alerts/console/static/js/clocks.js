// The clocks that run for an alarm, each with its moment in city time and how long is left.

import { el, setText } from "./element.js";
import { moment, span } from "./figures.js";
import { t } from "./frame.js";
import { needsAction } from "./levels.js";

// The rows to show; `guidance` may be missing.
export function clocksOf(alarm, guidance) {
  const open = alarm.state !== "normal";
  const respond = guidance?.respond_within_s ? alarm.opened + guidance.respond_within_s * 1000 : null;
  const clocks = [
    [t("Respond by"), needsAction(alarm) ? respond : null],
    [t("Acknowledge by, else it climbs"), needsAction(alarm) ? alarm.deadline : null],
    [t("Sounds from"), alarm.delayed_until],
    [alarm.one_shot ? t("Shelved until it is over, at the latest") : t("Shelved until"), alarm.shelved_until],
    [t("Sounds again at"), alarm.realarm_at],
  ];
  return open ? clocks.filter(([, at]) => at) : [];
}

export function clockNodes(clocks, now) {
  return clocks.map(([name, at]) =>
    el("div", { "data-at": at }, el("dt", {}, name), el("dd", {}, el("time", {}, moment(at, now)), " ", el("span", { class: "left" }, left(at, now)))),
  );
}

export function tickClocks(container, now) {
  for (const row of container.querySelectorAll("[data-at]")) {
    const at = Number(row.dataset.at);
    row.classList.toggle("is-over", Boolean(now) && at < now);
    setText(row.querySelector(".left"), left(at, now));
  }
}

function left(at, now) {
  if (!now) return "";
  return at < now ? t("overdue for {span}", { span: span(now - at) }) : t("in {span}", { span: span(at - now) });
}
