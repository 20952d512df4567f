// The log of one station: maintenance, pictures and cameras; entered, amended and withdrawn by those who may.

import { startBar } from "./bar.js";
import { cityField, cityMs } from "./city_moment.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { attempt, byId, cells, may, moment, options, under, values } from "./safety_parts.js";
import { get, getSites, send } from "./server.js";

const cut = byId("cut");
const form = byId("entry");
const kinds = { maintenance: t("maintenance"), picture: t("picture"), camera: t("camera") };
const works = {
  calibration: t("calibration"),
  verification: t("verification"),
  repair: t("repair"),
  replacement: t("replacement"),
  consumables: t("consumables"),
  cleaning: t("cleaning"),
  patrol: t("patrol"),
  other: t("other work"),
};
// The entry that is being amended.
let amended = null;

function lasts(each) {
  const [day, hour] = each.end ? cityField(each.end).split("T") : [];
  if (day === cityField(each.start).split("T")[0]) return `${moment(each.start)} – ${hour}`;
  if (each.end) return [el("div", {}, `${moment(each.start)} –`), moment(each.end)];
  return each.kind === "camera" ? t("since {time}", { time: moment(each.start) }) : moment(each.start);
}

// A picture of this server is shown; the page loads nothing from elsewhere, so of others there is the way to them.
function seen(each) {
  if (!each.link) return "–";
  const sum = each.sha256 ? under(`SHA-256 ${each.sha256.slice(0, 12)}…`) : null;
  if (!/^https?:/.test(each.link)) return [el("code", { class: "copied" }, each.link), sum];
  const url = new URL(each.link);
  const own = each.kind === "picture" && url.origin === location.origin;
  const inside = own ? el("img", { src: url.href, alt: each.text || t("picture"), class: "seen", loading: "lazy" }) : url.host;
  return [el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, inside), sum];
}

function row(each, current) {
  const offers = current && may("comment") ? [["Amend", t("Amend"), () => amend(each)], ["Withdraw", t("Withdraw"), () => attempt(() => withdraw(each))]] : [];
  return el(
    "tr",
    { "data-entry": each.id, class: each.withdrawn || !current ? "is-past" : null },
    ...cells(
      [lasts(each), under(t("entered {time}", { time: moment(each.made) }))],
      [each.work ? works[each.work] : kinds[each.kind], each.withdrawn ? under(t("withdrawn")) : !current ? under(t("earlier form")) : null],
      each.device || t("the whole station"),
      each.text || "–",
      seen(each),
      [each.who, each.firm ? under(each.firm) : null],
    ),
    el("td", {}, el("div", { class: "acts" }, offers.map(([name, title, onclick]) => el("button", { type: "button", class: "quiet", "data-does": name, onclick }, title)))),
  );
}

async function list() {
  const { site, from, to, forms } = Object.fromEntries(new FormData(cut));
  if (!site) return;
  const asked = new URLSearchParams({ site });
  if (from) asked.set("from", cityMs(from));
  if (to) asked.set("to", cityMs(to));
  if (forms) asked.set("forms", "true");
  const { items, devices } = await get(`/api/station-log?${asked}`);
  const newest = new Map(items.map((each) => [each.id, each])); // forms of one entry come in their order
  byId("entries").replaceChildren(...items.toReversed().map((each) => row(each, newest.get(each.id) === each && !each.withdrawn)));
  byId("none").hidden = items.length > 0;
  byId("devices").replaceChildren(...options([["", t("the whole station")], ...devices.map((each) => [each, each])]));
}

function arrange() {
  const maintenance = form.elements.kind.value === "maintenance";
  byId("work-field").hidden = !maintenance;
  for (const field of form.querySelectorAll(".link-field")) field.hidden = maintenance;
  form.elements.link.required = !maintenance;
}

function begin() {
  amended = null;
  setText(byId("entering-title"), t("Enter into the log"));
  setTimeout(arrange);
}

function amend(each) {
  amended = each;
  setText(byId("entering-title"), t("Amend the entry of {time}", { time: moment(each.start) }));
  for (const [name, value] of Object.entries(each)) {
    const field = form.elements[name];
    if (field) field.value = name === "start" || name === "end" ? (value ? cityField(value) : "") : (value ?? "");
  }
  arrange();
  form.scrollIntoView({ block: "nearest" });
}

const entryOf = ({ made, ...each }) => each;

async function withdraw(each) {
  await send("POST", "/api/station-log", { ...entryOf(each), withdrawn: true });
  await list();
}

async function enter() {
  const said = values(form);
  if (said.kind === "maintenance") delete said.link, delete said.sha256;
  else delete said.work;
  const id = amended?.id ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  await send("POST", "/api/station-log", { ...said, id, site: amended?.site ?? cut.elements.site.value });
  form.reset();
  await list();
}

async function first() {
  const { items } = await getSites();
  byId("sites").replaceChildren(...options(items.map((each) => [each.id, pick(each.title, each.id)])));
  const asked = new URLSearchParams(location.search).get("site");
  if (items.some((each) => each.id === asked)) cut.elements.site.value = asked;
  await list();
}

startBar();
byId("kinds").append(...options(Object.entries(kinds)));
byId("works").append(...options(Object.entries(works)));
byId("entering").hidden = !may("comment");
begin();
cut.addEventListener("change", () => attempt(list));
cut.addEventListener("submit", (event) => event.preventDefault());
form.elements.kind.addEventListener("change", arrange);
form.addEventListener("reset", begin);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(enter);
});
showFilled(attempt(first));
