// Numbers, times and durations in the reader's language and the city's zone.

import { language, pick, t, zone } from "./frame.js";

const locale = language === "zh" ? "zh-CN" : "en-GB";
const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const minutes = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(locale, {
  timeZone: zone, year: "numeric", month: "short", day: "numeric", weekday: "short",
});
const dayKey = new Intl.DateTimeFormat("en-CA", { timeZone: zone });
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

export const timeOfDay = (ms) => clock.format(ms);
export const hourAndMinute = (ms) => minutes.format(ms);
export const fullDay = (ms) => day.format(ms);
// How far the city's clocks are from UTC, as "UTC+8": every time on the pages is of that zone.
export const offset = (ms) =>
  new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(ms).find((each) => each.type === "timeZoneName").value.replace("GMT", "UTC");

// Time of day, with the day in front where it is not the day of `now`, and the year where it is another:
// a replay of an old night and the real clock of its deliveries stand on one page.
export function moment(ms, now) {
  if (!ms) return "–";
  const [date, today] = [dayKey.format(ms), now ? dayKey.format(now) : ""];
  if (date === today) return timeOfDay(ms);
  return `${date.slice(0, 4) === today.slice(0, 4) ? date.slice(5) : date} ${timeOfDay(ms)}`;
}

export function iso(ms) {
  return new Date(ms).toISOString();
}

export function count(value) {
  return Number.isFinite(value) ? whole.format(value) : "–";
}

// A measured value with as many digits as carry meaning to a reader.
export function measure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size === 0 ? 0 : 3;
  if (size > 0 && size < 0.001) return value.toExponential(1);
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

export function withUnit(value, unit) {
  return unit ? `${measure(value)} ${unit}` : measure(value);
}

// A sentence of an alarm, with its numbers kept on one line with their units.
export function sentence(pair) {
  return pick(pair).replace(/(\d) (?=[%°µ℃]|[A-Za-z]{1,3}\b)/g, "$1\u00a0");
}

// A span of time in its two largest units at most.
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t("{s} s", { s });
  if (s < 3600) return s < 600 && s % 60 ? t("{m} min {s} s", { m: Math.floor(s / 60), s: s % 60 }) : t("{m} min", { m: Math.floor(s / 60) });
  const h = Math.floor(s / 3600);
  if (h < 48 && s % 3600 < 60) return t("{h} h", { h });
  if (h < 48) return t("{h} h {m} min", { h, m: Math.floor((s % 3600) / 60) });
  return t("{d} d {h} h", { d: Math.floor(h / 24), h: h % 24 });
}

export function ago(ms) {
  return t("{span} ago", { span: span(ms) });
}
