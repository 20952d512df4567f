// What the pages of safety work share: fields filled from the interface, forms sent to it, moments of the city.

import { cityMs, moment } from "./city_moment.js";
import { el, setText } from "./element.js";
import { me, pick, t } from "./frame.js";
import { get, send } from "./server.js";

export { cityMs, moment };
export const byId = (id) => document.getElementById(id);
export const may = (act) => me.acts === null || me.acts.includes(act);
export const cells = (...contents) => contents.map((each) => el("td", {}, each));
export const under = (words) => el("span", { class: "under" }, words);
export const doubt = (confirmed) => (confirmed ? null : el("span", { class: "doubt" }, t("not confirmed")));
export const options = (pairs) => pairs.map(([value, title]) => el("option", { value }, title));

export async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

// The words of the packs: the first domain that speaks of safety work has the say where a page needs one.
export async function terms() {
  const { domains, works } = await get("/api/safety/terms");
  return { ...(Object.values(domains)[0] ?? {}), works };
}

export async function fillSites() {
  const { items } = await get("/api/safety/grades");
  for (const select of document.querySelectorAll("select.sites"))
    select.replaceChildren(...options(items.map((each) => [each.site, pick(each.site_title)])));
  return items;
}

// Forms are for those who may; a name is asked for where nobody is signed in.
export function prepareForms() {
  for (const fold of document.querySelectorAll("details[data-act]")) fold.hidden = !may(fold.dataset.act);
  for (const field of document.querySelectorAll(".who-field")) field.hidden = me.signed_in;
}

// What a form holds, as the interface takes it: numbers as numbers, moments as ms UTC, nothing for what is empty.
export function values(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || field.dataset.apart) continue;
    if (field.type === "checkbox") found[field.name] = field.checked;
    else if (field.value === "") continue;
    else if (field.type === "datetime-local") found[field.name] = cityMs(field.value);
    else found[field.name] = field.type === "number" ? Number(field.value) : field.value;
  }
  return found;
}

// Send a form to `path`, then show what has changed.
export function onSend(form, path, after, more = () => ({})) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await send("POST", path, { ...values(form), ...more() });
      form.reset();
      form.closest("details")?.removeAttribute("open");
      await after();
    });
  });
}

export const fieldOf = (label, attributes) =>
  el("label", { class: attributes.type === "checkbox" ? "check" : null }, ...(attributes.type === "checkbox" ? [el("input", attributes), ` ${label}`] : [label, " ", el("input", attributes)]));
