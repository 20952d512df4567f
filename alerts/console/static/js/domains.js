// One panel per domain: does its feed live, what is open, what nobody has taken yet.

import { el, keyed, setText } from "./element.js";
import { ago, count, moment, span } from "./figures.js";
import { levels, pick, t } from "./frame.js";
import { mark } from "./levels.js";

const ONE_ROW = 5; // large panels beside each other on a wall; more of them become two rows of small ones

export class DomainPanels {
  constructor(container) {
    this.container = container;
  }

  // Ages are taken against the city time of the same answer: a guess would make a fast replay look late.
  show(wall) {
    const now = wall.city_time;
    const domains = wall.domains ?? [];
    const many = domains.length > ONE_ROW;
    this.container.classList.toggle("many", many);
    this.container.style.setProperty("--columns", String(Math.max(1, many ? Math.ceil(domains.length / 2) : domains.length)));
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
    el("ul", { class: "tiles" }),
    el("p", { class: "sum" }),
  );
}

function fill(node, domain, now) {
  const [title, feed, take, byLevel, tiles, sum] = node.children;
  setText(title, pick(domain.title, domain.name));
  fillFeed(node, feed, domain, now);
  setText(take.firstElementChild, count(domain.unacknowledged));
  take.classList.toggle("none", !domain.unacknowledged);
  for (const item of byLevel.children) fillLevel(item, domain.alarms?.[item.dataset.level] ?? 0);
  keyed(tiles, domain.tiles ?? [], (each) => pick(each.title), () => el("li", {}), fillTile);
  const events = domain.events ? t("{n} events", { n: count(domain.events) }) : "";
  const waiting = domain.lag ? t("{n} waiting", { n: count(domain.lag) }) : "";
  setText(sum, [t("{n} readings judged", { n: count(domain.readings) }), events, waiting].filter(Boolean).join(" · "));
}

// A part of the domain (its quantities under one name): quiet, or the worst of its open alarms and how many.
function fillTile(node, tile) {
  const stamp = JSON.stringify(tile);
  if (node.dataset.stamp === stamp) return;
  node.dataset.stamp = stamp;
  node.classList.toggle("none", !tile.alarms);
  const open = tile.alarms ? [mark(tile.severity, tile.unacknowledged > 0), el("span", { class: "number" }, count(tile.alarms))] : [];
  node.replaceChildren(el("span", {}, pick(tile.title)), ...open);
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
