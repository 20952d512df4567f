// The pane beside the list: the chosen alarm, what to do about it, and the acknowledgement.

import { city } from "./bar.js";
import { el, setText } from "./element.js";
import { moment, sentence, withUnit } from "./figures.js";
import { district, pick, t } from "./frame.js";
import { guidanceNode } from "./guidance.js";
import { levelTitle, mark, needsAction, stateTitle } from "./levels.js";
import { getAlarm } from "./server.js";

export class Detail {
  #shown = null;

  constructor(container, form, close) {
    this.container = container;
    this.form = form;
    this.close = close;
    this.empty = [...container.children];
  }

  clear() {
    this.#shown = null;
    this.container.replaceChildren(...this.empty);
  }

  show(alarm) {
    if (!alarm) return;
    if (this.#shown !== alarm.id) this.#build(alarm);
    this.#fill(alarm);
  }

  #build(alarm) {
    this.#shown = alarm.id;
    this.head = el("div", { class: "detail-head" });
    this.text = el("p", { class: "detail-text" });
    this.facts = el("dl", { class: "facts" });
    this.guidance = el("div", {}, el("p", { class: "notice" }, t("Loading…")));
    this.container.replaceChildren(
      el("button", { type: "button", class: "quiet close", onclick: () => this.close() }, t("Back to the list")),
      this.head,
      this.text,
      this.form.node,
      el("h2", {}, t("What to do")),
      this.guidance,
      el("h2", {}, t("Facts")),
      this.facts,
      el("p", {}, el("a", { class: "button", href: `/alarms/${encodeURIComponent(alarm.id)}` }, t("The whole story"))),
    );
    this.#loadGuidance(alarm.id);
  }

  async #loadGuidance(id) {
    let node;
    try {
      node = guidanceNode((await getAlarm(id)).guidance);
    } catch (error) {
      node = el("p", { class: "error" }, error.message);
    }
    if (this.#shown === id) this.guidance.replaceChildren(node);
  }

  #fill(alarm) {
    const now = city.now();
    this.form.show(alarm, now);
    const stamp = JSON.stringify(alarm);
    if (this.head.dataset.stamp === stamp) return;
    this.head.dataset.stamp = stamp;
    this.head.replaceChildren(
      mark(alarm.severity, needsAction(alarm), alarm.state === "normal"),
      el("div", {}, el("h2", {}, pick(alarm.site_title, alarm.site)), el("p", {}, `${levelTitle(alarm.severity)} · ${stateTitle(alarm.state)}`)),
    );
    setText(this.text, sentence(alarm.text));
    const rows = [
      [t("Domain"), pick(alarm.domain_title, alarm.domain)],
      [t("District"), district(alarm.district)],
      [t("Quantity"), pick(alarm.quantity_title, alarm.quantity)],
      [t("Value"), alarm.value === null ? "" : withUnit(alarm.value, alarm.unit)],
      [t("Expected or allowed"), alarm.expected === null ? "" : withUnit(alarm.expected, alarm.unit)],
      [t("Opened"), moment(alarm.opened, now)],
      [t("Last change"), moment(alarm.updated, now)],
      [t("Worst so far"), levelTitle(alarm.latched_severity)],
    ];
    this.facts.replaceChildren(
      ...rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    );
  }
}
