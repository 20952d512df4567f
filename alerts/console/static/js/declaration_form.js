// The form of a declaration: its fields, its lines of goods, and what the goods list knows of each UN number.

import { cityField, cityMs } from "./city_moment.js";
import { el, setText } from "./element.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("form");
const TEXTS = ["site", "container", "handling", "vessel", "voyage", "consignor", "consignee", "emergency_contact", "packing_certificate", "reference"];
const NUMBERS = ["packages", "flash_point_c", "control_c", "emergency_c"];
const FLAGS = ["marine_pollutant", "limited_quantity"];

const field = (label, name, more = {}) => el("label", {}, label, " ", el("input", { name, autocomplete: "off", ...more }));
const flag = (label, name) => el("label", { class: "check" }, el("input", { name, type: "checkbox" }), label);

function group() {
  const options = ["", "I", "II", "III"].map((each) => el("option", { value: each }, each || "–"));
  return el("label", {}, t("Packing group"), " ", el("select", { name: "packing_group" }, options));
}

export function addLine(goods = {}) {
  const known = el("p", { class: "known" });
  const line = el(
    "fieldset",
    { class: "line fields" },
    field(t("UN number"), "un", { required: true, maxlength: 4, pattern: "[0-9]{4}", inputmode: "numeric" }),
    field(t("Proper shipping name"), "name", { required: true, maxlength: 120 }),
    field(t("Technical name"), "technical_name", { maxlength: 120 }),
    field(t("Class"), "hazard_class", { required: true, maxlength: 5, pattern: "[1-9](\\.[1-6])?[A-S]?" }),
    field(t("Subsidiary hazards"), "subsidiary", { maxlength: 40, placeholder: "6.1, 8" }),
    group(),
    field(t("Net mass, t"), "mass_t", { required: true, type: "number", min: "0", step: "any" }),
    field(t("Packages"), "packages", { type: "number", min: "1" }),
    field(t("Kind of packages"), "package_kind", { maxlength: 60 }),
    field(t("Flash point, °C"), "flash_point_c", { type: "number", step: "any" }),
    field("EmS", "ems", { maxlength: 8, placeholder: "F-A, S-Q" }),
    field(t("Control temperature, °C"), "control_c", { type: "number", step: "any" }),
    field(t("Emergency temperature, °C"), "emergency_c", { type: "number", step: "any" }),
    flag(t("Marine pollutant"), "marine_pollutant"),
    flag(t("Limited quantity"), "limited_quantity"),
    el("button", { type: "button", class: "quiet", onclick: () => line.remove() }, t("Remove the line")),
    known,
  );
  const inputs = inputsOf(line);
  for (const [name, value] of Object.entries(goods)) {
    if (FLAGS.includes(name)) inputs[name].checked = value;
    else if (inputs[name]) inputs[name].value = Array.isArray(value) ? value.join(", ") : value;
  }
  inputs.un.addEventListener("change", () => lookUp(inputs, known));
  byId("lines").append(line);
}

const inputsOf = (line) => Object.fromEntries([...line.querySelectorAll("[name]")].map((each) => [each.name, each]));

// Fills in what the list has and nothing else; what it has not is said to be unknown.
async function lookUp(inputs, known) {
  setText(known, "");
  if (!/^\d{4}$/.test(inputs.un.value)) return;
  if (!form.elements.site.value) return setText(known, t("Choose a site: each has its own goods list."));
  const { entry } = await get(`/api/declarations/goods/${inputs.un.value}?${new URLSearchParams({ site: form.elements.site.value })}`);
  if (!entry) {
    setText(known, t("UN {un} is not in the goods list: unknown, fill everything in.", { un: inputs.un.value }));
    return;
  }
  const values = { name: entry.title.en, hazard_class: entry.hazard_class, subsidiary: (entry.subsidiary ?? []).join(", "), packing_group: entry.packing_group, ems: entry.ems };
  for (const [name, value] of Object.entries(values)) if (value && !inputs[name].value) inputs[name].value = value;
  const doubt = entry.confirmed ? "" : ` · ${t("not confirmed")}`;
  setText(known, `${pick(entry.title)} · ${t("Source")}: ${pick(entry.source_text)}${doubt}`);
}

export function fill(values = {}) {
  const who = form.elements.who.value;
  form.reset();
  form.elements.who.value = who;
  for (const name of TEXTS) if (values[name]) form.elements[name].value = values[name];
  form.elements.gross_t.value = values.gross_t ?? "";
  form.elements.operation.value = values.operation ? cityField(values.operation) : "";
  byId("lines").replaceChildren();
  for (const goods of values.goods ?? [{}]) addLine(goods);
}

export function filled() {
  const fields = form.elements;
  const body = { operation: cityMs(fields.operation.value) };
  for (const name of TEXTS) if (fields[name].value.trim()) body[name] = fields[name].value.trim();
  if (fields.gross_t.value) body.gross_t = Number(fields.gross_t.value);
  body.goods = [...byId("lines").children].map((line) => readLine(inputsOf(line)));
  return body;
}

function readLine(inputs) {
  const goods = { mass_t: Number(inputs.mass_t.value) };
  for (const name of ["un", "name", "technical_name", "hazard_class", "packing_group", "package_kind", "ems"]) {
    if (inputs[name].value.trim()) goods[name] = inputs[name].value.trim();
  }
  const subsidiary = inputs.subsidiary.value.split(/[,，、\s]+/).filter(Boolean);
  if (subsidiary.length) goods.subsidiary = subsidiary;
  for (const name of NUMBERS) if (inputs[name].value) goods[name] = Number(inputs[name].value);
  for (const name of FLAGS) if (inputs[name].checked) goods[name] = true;
  return goods;
}
