// Supervision tickets: whose turn it is, what was said, and the answer or decision that is due.

import { startBar } from "./bar.js";
import { moment } from "./city_moment.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";
import { about, ticketView } from "./ticket_view.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");

const states = {
  "answer-awaited": t("answer awaited"),
  "review-awaited": t("review awaited"),
  answered: t("answered"),
  verified: t("verified"),
  withdrawn: t("withdrawn"),
};
const sides = { firm: t("firm"), office: t("office") };
const outcomes = { violation: t("violation"), explained: t("explained"), instrument: t("instrument fault"), false: t("no exceedance") };
const view = ticketView({ outcomes, states, changed: list });

function row(each) {
  return el(
    "tr",
    { class: each.overdue ? "is-over" : null, "data-ticket": each.id },
    el("td", {}, pick(each.site_title)),
    el("td", {}, about(each.about), el("span", { class: "under" }, pick(each.text))),
    el("td", { class: "result" }, states[each.state] ?? each.state),
    el("td", {}, sides[each.waiting] ?? "–"),
    el("td", {}, moment(each.issued)),
    el("td", { class: "result" }, moment(each.due), each.overdue ? el("span", { class: "under" }, t("overdue")) : null),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => view.show(each.id)) }, t("Open"))),
  );
}

async function list() {
  const fields = Object.entries(Object.fromEntries(new FormData(form))).filter(([, value]) => value);
  const [{ items }, sums] = await Promise.all([get(`/api/tickets?${new URLSearchParams(fields)}`), get("/api/tickets/figures")]);
  byId("tickets").replaceChildren(...items.map(row));
  byId("none").hidden = items.length > 0;
  const share = sums.verified_share === null ? "–" : `${sums.verified_share} %`;
  setText(byId("figures"), t("{issued} issued, {verified} verified ({share}), {open} open, {overdue} overdue", { ...sums, share }));
}

async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

startBar();
for (const [code, title] of Object.entries(states)) byId("states").append(el("option", { value: code }, title));
form.addEventListener("change", () => attempt(list));
showFilled(attempt(list));
