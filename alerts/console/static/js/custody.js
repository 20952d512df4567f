// What the pages of custody share: words for steps, moments, samples and recalls.

import { el } from "./element.js";
import { language, pick, t, zone } from "./frame.js";

const steps = {
  commissioning: t("made"),
  creating_class_instance: t("made"),
  transforming: t("made into other goods"),
  packing: t("packed"),
  unpacking: t("unpacked"),
  loading: t("loaded"),
  unloading: t("unloaded"),
  shipping: t("shipped"),
  transporting: t("on the way"),
  receiving: t("received"),
  storing: t("stored"),
  sampling: t("sampled"),
  inspecting: t("inspected"),
  sensor_reporting: t("temperature reported"),
  retail_selling: t("sold"),
  destroying: t("destroyed"),
};
const kinds = {
  AggregationEvent: t("packed or unpacked"),
  AssociationEvent: t("joined to equipment"),
  TransformationEvent: t("made"),
};

export const stepWord = (step, kind) => steps[step] || step || kinds[kind] || t("seen");

export function shown(ms, withTime = true) {
  if (!ms) return "–";
  const shape = { timeZone: zone, dateStyle: "short", ...(withTime ? { timeStyle: "short" } : {}) };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shape).format(ms);
}

export function sampleWords(sample) {
  if (!sample) return "";
  const verdict = sample.passed ? t("met the standard") : t("did not meet the standard");
  return [verdict, sample.item, sample.value, sample.standard].filter(Boolean).join(" · ");
}

export function recallNotice(each) {
  const words = each.closed ? t("Recall of level {level}, over: ", each) : t("Recalled, level {level}: ", each);
  return el("p", { class: "notice" }, `${words}${pick(each.text)} (${shown(each.opened)})`);
}
