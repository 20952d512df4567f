// The pane beside the list: the chosen alarm, what can be done about it now, what to check, its clocks and facts.

import { ACTIONS, actionTitle, offered } from "./actions.js";
import { city } from "./bar.js";
import { clockNodes, clocksOf, tickClocks } from "./clocks.js";
import { el, setText } from "./element.js";
import { moment, sentence, withUnit } from "./figures.js";
import { district, pick, t } from "./frame.js";
import { guidanceNode } from "./guidance.js";
import { levelTitle, mark, needsAction, stateTitle } from "./levels.js";
import { getAlarm } from "./server.js";

// The buttons of what this alarm takes now, each of which calls act(name). They are made anew only where others are
// offered, so that none is pulled from under a finger or the focus.
export function showActions(container, alarm, act) {
  const names = offered(alarm);
  const stamp = [alarm.id, ...names].join(" ");
  if (container.dataset.stamp === stamp) return;
  container.dataset.stamp = stamp;
  container.replaceChildren(...actionButtons(names, act));
}

// The answer to the alarm first, the rest quietly after it, what is rare behind "more".
function actionButtons(names, act) {
  const button = (name) =>
    el(
      "button",
      { type: "button", class: name === names[0] && ACTIONS[name].key === "a" ? "" : "quiet", "data-action": name, onclick: () => act(name) },
      actionTitle(name),
    );
  const rare = names.filter((name) => ACTIONS[name].rare);
  const often = names.filter((name) => !ACTIONS[name].rare).map(button);
  return rare.length > 0 ? [...often, el("details", { class: "rare" }, el("summary", {}, t("More")), el("div", {}, rare.map(button)))] : often;
}

// Who has taken it on, with what they said; null where nobody has.
export function takenNode(alarm, now) {
  if (!alarm.acknowledged_by) return null;
  const words = t("Acknowledged by {who} at {time}", { who: alarm.acknowledged_by, time: moment(alarm.acknowledged_at, now) });
  return el("p", { class: "taken" }, el("strong", {}, words), alarm.note ? el("span", { class: "note" }, alarm.note) : null);
}

export class Detail {
  #shown = null;
  #alarm = null;
  #guidance = null;

  // act(name, alarm): somebody wants to do this about the shown alarm.
  constructor(container, act, close) {
    this.container = container;
    this.act = act;
    this.close = close;
    this.empty = [...container.children];
  }

  clear() {
    this.#shown = null;
    this.container.replaceChildren(...this.empty);
  }

  show(alarm) {
    if (!alarm) return;
    this.#alarm = alarm;
    if (this.#shown !== alarm.id) this.#build(alarm);
    this.#fill(alarm);
  }

  tick() {
    if (this.#shown) tickClocks(this.clocks, city.now());
  }

  #build(alarm) {
    this.#shown = alarm.id;
    this.#guidance = null;
    this.head = el("div", { class: "detail-head" });
    this.text = el("p", { class: "detail-text" });
    this.taken = el("div", {});
    this.actions = el("div", { class: "actions" });
    this.clocks = el("dl", { class: "facts clocks" });
    this.facts = el("dl", { class: "facts" });
    this.guidance = el("div", { "aria-busy": "true" }, el("p", { class: "notice" }, t("Loading…")));
    this.container.replaceChildren(
      el("button", { type: "button", class: "quiet close", onclick: () => this.close() }, t("Back to the list")),
      this.head,
      this.text,
      this.taken,
      this.actions,
      this.clocks,
      el("h2", {}, t("What to do")),
      this.guidance,
      el("h2", {}, t("Facts")),
      this.facts,
      el(
        "p",
        { class: "ways" },
        el("a", { class: "button", href: `/alarms/${encodeURIComponent(alarm.id)}` }, t("The whole story")),
        " ",
        el("a", { class: "button", href: `/responder-card?alarm=${encodeURIComponent(alarm.id)}` }, t("Responder card")),
      ),
    );
    this.#loadGuidance(alarm);
  }

  async #loadGuidance(alarm) {
    let node;
    let found = null;
    try {
      found = (await getAlarm(alarm.id)).guidance;
      node = guidanceNode(found, alarm.family);
    } catch (error) {
      node = el("p", { class: "error" }, error.message);
    }
    if (this.#shown !== alarm.id) return;
    this.#guidance = found;
    this.guidance.replaceChildren(node);
    this.head.dataset.stamp = ""; // it tells of clocks too
    this.#fill(this.#alarm);
    this.guidance.removeAttribute("aria-busy");
  }

  #fill(alarm) {
    const now = city.now();
    const stamp = JSON.stringify(alarm);
    if (this.head.dataset.stamp === stamp) return;
    this.head.dataset.stamp = stamp;
    this.head.replaceChildren(
      mark(alarm.severity, needsAction(alarm), alarm.state === "normal"),
      el("div", {}, el("h2", {}, pick(alarm.site_title, alarm.site)), el("p", {}, `${levelTitle(alarm.severity)} · ${stateTitle(alarm.state)}`)),
    );
    setText(this.text, sentence(alarm.text));
    this.taken.replaceChildren(takenNode(alarm, now) ?? "");
    showActions(this.actions, alarm, (name) => this.act(name, this.#alarm));
    this.clocks.replaceChildren(...clockNodes(clocksOf(alarm, this.#guidance), now));
    const rows = [
      [t("Domain"), pick(alarm.domain_title, alarm.domain)],
      [t("District"), district(alarm.district)],
      [t("Quantity"), pick(alarm.quantity_title, alarm.quantity)],
      [t("Value"), alarm.value === null ? "" : withUnit(alarm.value, alarm.unit)],
      [t("Expected or allowed"), alarm.expected === null ? "" : withUnit(alarm.expected, alarm.unit)],
      [t("Opened"), moment(alarm.opened, now)],
      [t("Last change"), moment(alarm.updated, now)],
      [t("Worst so far"), levelTitle(alarm.latched_severity)],
      [t("Handed to"), alarm.handed_to],
    ];
    this.facts.replaceChildren(
      ...rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    );
  }
}
