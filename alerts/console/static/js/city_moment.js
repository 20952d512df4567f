// Moments in fields and on the page: always time of the city's zone, wherever the browser is.

import { language, zone } from "./frame.js";

// ms UTC of a datetime-local field.
export function cityMs(text) {
  const guess = Date.parse(`${text}:00Z`);
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(guess);
  const offset = parts.find((each) => each.type === "timeZoneName").value.match(/([+-])(\d\d):(\d\d)/);
  return offset ? guess - Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : guess;
}

// What a datetime-local field holds for ms UTC.
export function cityField(ms) {
  const shape = { timeZone: zone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" };
  return new Intl.DateTimeFormat("sv-SE", shape).format(ms).replace(" ", "T");
}

export function moment(ms) {
  if (!ms) return "–";
  const shape = { timeZone: zone, dateStyle: "medium", timeStyle: "short" }; // 12/08 is read as August or December
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shape).format(ms);
}
