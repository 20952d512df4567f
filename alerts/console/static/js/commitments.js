// The commitments of a day, firm by firm, and the form to give one.

import { startBar } from "./bar.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { attempt, byId, cells, doubt, fieldOf, fillSites, moment, onSend, prepareForms, terms, under } from "./safety_parts.js";
import { get } from "./server.js";

const day = byId("cut").elements.day;
const states = { given: t("given"), late: t("late"), missing: t("missing"), exempt: t("exempt"), expected: t("not due yet") };
let works = {};

const delay = (ms) => t("{hours} h {minutes} min late", { hours: Math.floor(ms / 3_600_000), minutes: Math.floor(ms / 60_000) % 60 });

function row(each) {
  const said = each.commitment;
  const planned = Object.entries(said?.works ?? {}).filter(([, count]) => count).map(([work, count]) => `${pick(works[work])} ${count}`);
  return el(
    "tr",
    { class: each.state === "missing" ? "is-over" : null, "data-site": each.site },
    el("td", {}, pick(each.site_title)),
    el("td", { class: "result" }, states[each.state], each.state === "late" ? under(delay(each.delay_ms)) : null),
    ...cells(moment(each.given), said?.by ?? "", said ? String(said.running) : "", said ? String(said.stopped) : "", said ? String(said.overhaul) : "", planned.join("; "), said?.text ?? ""),
  );
}

async function list() {
  const answer = await get(`/api/safety/commitments?${new URLSearchParams({ day: day.value })}`);
  day.value = answer.day;
  byId("commitments").replaceChildren(...answer.items.map(row));
  byId("none").hidden = answer.items.length > 0;
  const { items } = await get("/api/safety/exemptions");
  byId("exemptions").replaceChildren(
    ...items.map((each) => el("tr", {}, ...cells(pick(each.site_title), moment(each.start), moment(each.end), each.reason, each.by))),
  );
}

async function begin() {
  const known = await terms();
  works = known.works;
  const about = t("Each firm judges the risks of its day and signs before {time}. Who is late or missing is an alarm; so is who says what permits or instruments deny.", { time: known.commitment?.due_by ?? "–" });
  byId("about").replaceChildren(about, doubt(known.commitment?.confirmed) ?? "");
  byId("works").replaceChildren(
    ...Object.entries(works).map(([work, title]) => fieldOf(pick(title), { name: work, type: "number", min: 0, value: 0, "data-apart": "1" })),
  );
  await fillSites();
  await list();
}

startBar();
prepareForms();
day.addEventListener("change", () => attempt(list));
const planned = () => Object.fromEntries([...byId("works").querySelectorAll("input")].map((each) => [each.name, Number(each.value)]).filter(([, count]) => count));
onSend(byId("giving"), "/api/safety/commitments", list, () => ({ day: day.value, works: planned() }));
onSend(byId("freeing"), "/api/safety/exemptions", list);
showFilled(attempt(begin));
