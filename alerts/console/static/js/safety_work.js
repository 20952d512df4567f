// Duties that are not done: the findings of safety work, those that stand first.

import { startBar } from "./bar.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { mark } from "./levels.js";
import { attempt, byId, moment, options } from "./safety_parts.js";
import { get } from "./server.js";

const form = byId("cut");
const kinds = {
  commitment: t("commitment of the day"),
  "commitment-truth": t("commitment against the facts"),
  "special-work": t("special work"),
  guarantor: t("named guarantors"),
  "static-grade": t("static grade"),
  inspection: t("visits and hidden dangers"),
};

function row(each) {
  return el(
    "tr",
    { "data-finding": each.id },
    el("td", {}, mark(each.severity, !each.closed)),
    el("td", {}, pick(each.text), el("span", { class: "under" }, kinds[each.quantity] ?? each.quantity)),
    el("td", {}, pick(each.site_title)),
    el("td", {}, moment(each.opened)),
    el("td", {}, each.closed ? moment(each.closed) : t("standing")),
  );
}

async function list() {
  const { items } = await get("/api/safety/findings?limit=500");
  const { state, quantity } = form.elements;
  const shown = items.filter((each) => (!state.value || !each.closed) && (!quantity.value || each.quantity === quantity.value));
  byId("findings").replaceChildren(...shown.map(row));
  byId("none").hidden = shown.length > 0;
}

startBar();
byId("kinds").append(...options(Object.entries(kinds)));
form.addEventListener("change", () => attempt(list));
showFilled(attempt(list));
