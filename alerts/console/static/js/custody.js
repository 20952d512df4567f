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

// GS1's check digit of a key without it.
function checkDigit(digits) {
  const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

const keyOf = (prefix, rest) => rest[0] + prefix + rest.slice(1);
const numbered = (digits, length) => (new RegExp(`^\\d{${length - 1}}$`).test(digits) ? digits + checkDigit(digits) : null);

const LINK = /^https?:\/\/[^?#]*?\/01\/(\d{14})(?:\/22\/[^/?#]+)?(?:\/10\/([^/?#]+))?(?:\/21\/([^/?#]+))?\/?(?:[?#].*)?$/;

function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// Of a Digital Link, what its picture code stands for; "" for others.
function linked(name) {
  const [, gtin, lot, serial] = LINK.exec(name) ?? [];
  if (!gtin) return "";
  if (serial) return t("GTIN {gtin}, serial {serial}", { gtin, serial: plain(serial) });
  return lot ? t("GTIN {gtin}, lot {lot}", { gtin, lot: plain(lot) }) : "";
}

// What a reader calls a thing that has an EPC or a Digital Link: "GTIN 06900000000021, lot Y0812"; others as they are.
function thing(name) {
  const [, scheme, prefix, rest] = /^urn:epc:(?:id|class):(\w+):(\d+)\.(.+)$/.exec(name) ?? [];
  if (!rest) return linked(name) || name;
  if (scheme === "giai") return t("equipment {asset} of {prefix}", { asset: rest, prefix });
  const [item, ...more] = rest.split(".");
  const gtin = numbered(keyOf(prefix, item), 14);
  if (scheme === "lgtin" && gtin) return t("GTIN {gtin}, lot {lot}", { gtin, lot: more.join(".") });
  if (scheme === "sgtin" && gtin) return t("GTIN {gtin}, serial {serial}", { gtin, serial: more.join(".") });
  const sscc = scheme === "sscc" && numbered(keyOf(prefix, rest), 18);
  return sscc ? `SSCC ${sscc}` : name;
}

// Things one below the other, each with the name it has in the record.
export const things = (names) => names.map((name) => el("span", { class: "thing", title: name }, thing(name)));

// Names shown of a list that may have very many.
export const MOST = 20;

// The first of a list's things, and how many more there are.
export const first = (names, count) => [
  ...things(names),
  ...(count > names.length ? [el("span", { class: "under" }, t("and {n} more", { n: count - names.length }))] : []),
];

export const stepWord = (step, kind) => steps[step] || step || kinds[kind] || t("seen");

export function shown(ms, withTime = true) {
  if (!ms) return "–";
  const shape = { timeZone: zone, dateStyle: "medium", ...(withTime ? { timeStyle: "short" } : {}) };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shape).format(ms);
}

export function sampleWords(sample) {
  if (!sample) return "";
  const verdict = sample.passed ? t("met the standard") : t("did not meet the standard");
  return [verdict, sample.item, sample.value, sample.standard].filter(Boolean).join(" · ");
}

// That the cause of a recall turned out to be none, and what follows; "" where it stands.
export function refutedWords(each) {
  if (!each.refuted) return "";
  const said = t("Its cause was declared wrong at {time}.", { time: shown(each.refuted) });
  return each.closed ? said : `${said} ${t("The recall stands until an officer closes it.")}`;
}

export function recallNotice(each) {
  const words = each.closed ? t("Recall of level {level}, over: ", each) : t("Recalled, level {level}: ", each);
  return el(
    "p",
    { class: each.closed ? "recalled is-over" : "recalled" },
    `${words}${pick(each.text)} (${shown(each.opened)})`,
    each.refuted ? el("span", { class: "under" }, refutedWords(each)) : null,
  );
}
