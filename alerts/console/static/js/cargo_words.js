// The words of the pages of cargo on its way.

import { el } from "./element.js";
import { moment } from "./figures.js";
import { pick, t } from "./frame.js";

const rules = {
  "carriage-forbidden-area": t("forbidden area"),
  "carriage-deviation": t("off its route"),
  "carriage-stop": t("stands where it should not"),
  "carriage-silence": t("no position"),
  "carriage-jump": t("position jumps"),
  "carriage-no-waybill": t("no waybill"),
  "carriage-permit": t("carriage permit"),
};
const proofs = {
  waybill: t("waybill"),
  handover: t("handover"),
  gate_in: t("gate in"),
  stacked: t("stacked"),
  gate_out: t("gate out"),
  position: t("terminal"),
};

export const ruleWord = (detector) => rules[detector] ?? detector;
export const proofWord = (kind) => proofs[kind] ?? kind;

export const goodsWords = (goods) =>
  goods.map((line) => `UN ${line.un} ${line.name} (${line.hazard_class}) ${line.mass_t} t`).join("; ") || "–";

export const facts = (rows) => rows.flatMap(([title, value]) => [el("dt", {}, title), el("dd", {}, value ?? "–")]);

// "39.0412, 117.7312 · 22:51:46"
export function placeWords(place, now) {
  if (!place) return t("not known");
  return `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)} · ${moment(place.time, now)}`;
}

export const link = (href, words) => el("a", { href }, words);
export const tripLink = (number) => link(`/cargo-trip?id=${encodeURIComponent(number)}`, number);
export const boxLink = (name) => link(`/cargo-container?name=${encodeURIComponent(name)}`, name);
export const handWords = (hand) => [pick(hand.kind_title), pick(hand.title, hand.name)].filter(Boolean).join(" · ");
