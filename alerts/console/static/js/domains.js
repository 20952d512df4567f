// One panel per domain: does its feed live, what is open, what nobody has taken yet.

import { el, keyed, setText } from "./element.js";
import { ago, count, moment, span } from "./figures.js";
import { levels, pick, t } from "./frame.js";
import { mark } from "./levels.js";

export class DomainPanels {
  constructor(container) {
    this.container = container;
  }

  show(wall, now) {
    if (!wall) return;
    const domains = wall.domains ?? [];
    this.container.style.setProperty("--count", String(Math.max(1, domains.length)));
    keyed(this.container, domains, (each) => each.name, make, (node, each) => fill(node, each, now));
  }
}

function make(domain) {
  return el(
    "a",
    { class: "panel", href: `/console?domain=${encodeURIComponent(domain.name)}` },
    el("h2", {}),
    el("p", { class: "feed" }, el("span", { class: "feed-word" }), el("span", { class: "feed-age" })),
    el("p", { class: "take" }, el("strong", {}), el("span", {}, t("unacknowledged"))),
    el("ul", { class: "by-level" }, levels.map((level) => el("li", { "data-level": level.code }))),
    el("p", { class: "sum" }),
  );
}

function fill(node, domain, now) {
  const [title, feed, take, byLevel, sum] = node.children;
  setText(title, pick(domain.title, domain.name));
  fillFeed(node, feed, domain, now);
  setText(take.firstElementChild, count(domain.unacknowledged));
  take.classList.toggle("none", !domain.unacknowledged);
  for (const item of byLevel.children) fillLevel(item, domain.alarms?.[item.dataset.level] ?? 0);
  setText(sum, t("{n} readings judged", { n: count(domain.readings) }));
}

// Only "live" with a reading behind it is shown calm. Whatever else the server says is shown as not live.
function fillFeed(node, feed, domain, now) {
  const last = domain.last_reading;
  const live = domain.status === "live" && Boolean(last);
  node.classList.toggle("is-off", !live);
  const words = { live: t("live"), silent: t("Silent"), dead: t("Dead") };
  const [word, age] = feed.children;
  setText(word, live ? words.live : domain.status === "live" ? words.silent : (words[domain.status] ?? domain.status));
  if (!last) setText(age, t("no reading yet"));
  else if (live) setText(age, now ? t("last reading {ago}", { ago: ago(now - last) }) : "");
  else setText(age, now ? t("since {time}, for {span}", { time: moment(last, now), span: span(now - last) }) : moment(last));
}

function fillLevel(item, number) {
  if (item.dataset.number === String(number)) return;
  item.dataset.number = String(number);
  item.classList.toggle("none", number === 0);
  const code = item.dataset.level;
  item.replaceChildren(mark(code, number > 0, number === 0), el("span", { class: "number" }, count(number)));
}
