// The readings around an episode, drawn by hand: limits with their source, the episode shaded, flags marked.

import { el, svg } from "./element.js";
import { hourAndMinute, measure, moment, timeOfDay, withUnit } from "./figures.js";
import { pick, t } from "./frame.js";
import { axis, columns, scaleOf, valueRange } from "./plot_scale.js";

const MOST = 6; // series drawn; an alarm of a large group names how many more there are
const PAD = { left: 58, right: 14, top: 12, bottom: 26 };
const HEIGHT = 260;
const NORMAL = "N";

export function plots(readings, alarm, now) {
  const series = readings.series ?? [];
  if (series.length === 0) return [el("p", { class: "notice" }, t("No readings are kept for this alarm."))];
  const nodes = series.slice(0, MOST).map((each) => figure(each, readings, now));
  if (series.length > MOST) nodes.push(el("p", { class: "more" }, t("and {n} more series", { n: series.length - MOST })));
  return nodes;
}

function figure(series, readings, now) {
  const node = el("figure", {}, el("figcaption", {}, el("strong", {}, pick(series.title, series.id)), series.unit ? el("span", {}, series.unit) : null, el("code", {}, series.id)));
  if (series.points.length === 0) {
    node.append(el("p", { class: "notice" }, t("No reading in this span.")));
    return node;
  }
  const width = Math.max(280, (document.getElementById("plots").clientWidth || 800) - 2);
  const reading = el("p", { class: "cursor", "aria-live": "off" }, legend(series));
  node.append(drawing(series, readings, width, reading, now), reading, limitList(series));
  return node;
}

function legend(series) {
  const flagged = series.points.filter(([, , flag]) => flag && flag !== NORMAL).length;
  return flagged ? t("Shaded: the episode. Hollow: {n} readings the instrument itself flagged.", { n: flagged }) : t("Shaded: the episode.");
}

function drawing(series, readings, width, reading, now) {
  const times = series.points.map(([time]) => time);
  const span = [Math.min(times[0], readings.opened), Math.max(times[times.length - 1], readings.closed ?? 0)];
  const range = valueRange(series);
  const x = scaleOf(span, [PAD.left, width - PAD.right]);
  const y = scaleOf(range.span, [HEIGHT - PAD.bottom, PAD.top]);
  const end = readings.closed ?? span[1];
  const cursor = svg("path", { class: "crosshair", d: "" });
  const drawn = svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, class: "plot", role: "img", "aria-label": pick(series.title, series.id) },
    svg("rect", { class: "episode", x: x(readings.opened), y: PAD.top, width: Math.max(2, x(end) - x(readings.opened)), height: HEIGHT - PAD.top - PAD.bottom }),
    axes(x, y, span, range.span, width),
    range.inside.map((limit) => limitLine(limit, y, width)),
    range.outside.map((limit) => outsideMark(limit, limit.value > range.span[1], width)),
    curve(series.points, x, y, width),
    flags(series.points, x, y),
    cursor,
  );
  drawn.addEventListener("pointermove", (event) => follow(event, drawn, series, x, width, cursor, reading, now));
  drawn.addEventListener("pointerleave", () => {
    cursor.setAttribute("d", "");
    reading.textContent = legend(series);
  });
  return drawn;
}

function axes(x, y, span, range, width) {
  const below = HEIGHT - PAD.bottom;
  const values = axis(range, 5).map((value) => [
    svg("path", { d: `M${PAD.left} ${y(value)}H${width - PAD.right}` }),
    svg("text", { x: PAD.left - 8, y: y(value) + 4, "text-anchor": "end" }, measure(value)),
  ]);
  const wanted = Math.max(2, Math.floor(width / 110));
  const every = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].find((minutes) => (span[1] - span[0]) / (minutes * 60_000) <= wanted) ?? 2880;
  const first = Math.ceil(span[0] / (every * 60_000));
  const times = [];
  for (let step = first; step * every * 60_000 <= span[1]; step += 1) {
    const time = step * every * 60_000;
    times.push(svg("path", { d: `M${x(time)} ${below}v5` }), svg("text", { x: x(time), y: below + 19, "text-anchor": "middle" }, hourAndMinute(time)));
  }
  return svg("g", { class: "axes" }, values.flat(), svg("path", { d: `M${PAD.left} ${below}H${width - PAD.right}` }), times);
}

function limitLine(limit, y, width) {
  return svg(
    "g",
    { class: `limit level-${limit.severity} ${limit.confirmed ? "" : "unconfirmed"}` },
    svg("path", { class: "casing", d: `M${PAD.left} ${y(limit.value)}H${width - PAD.right}` }),
    svg("path", { d: `M${PAD.left} ${y(limit.value)}H${width - PAD.right}` }),
    svg("text", { x: width - PAD.right - 6, y: y(limit.value) - 6, "text-anchor": "end" }, `${limit.level} ${measure(limit.value)}`),
  );
}

// A limit far from what was measured would flatten the curve; it is named at the edge instead.
function outsideMark(limit, above, width) {
  const y = above ? PAD.top + 12 : HEIGHT - PAD.bottom - 6;
  return svg("g", { class: "limit" }, svg("text", { x: width - PAD.right - 6, y, "text-anchor": "end" }, `${above ? "↑" : "↓"} ${limit.level} ${measure(limit.value)}`));
}

// Every column of pixels keeps its lowest and highest value; a missing value breaks the line.
function curve(points, x, y, width) {
  let line = "";
  let broken = true;
  for (const [time, value] of columns(points, Math.floor(width - PAD.left - PAD.right))) {
    if (value === null) {
      broken = true;
      continue;
    }
    line += `${broken ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    broken = false;
  }
  return svg("path", { class: "curve", d: line });
}

function flags(points, x, y) {
  const flagged = points.filter(([, , flag]) => flag && flag !== NORMAL);
  const every = Math.ceil(flagged.length / 200);
  return svg(
    "g",
    { class: "flags" },
    flagged
      .filter((_, place) => place % every === 0)
      .map(([time, value, flag]) =>
        value === null
          ? svg("text", { x: x(time), y: HEIGHT - PAD.bottom - 6, "text-anchor": "middle" }, flag)
          : svg("circle", { cx: x(time), cy: y(value), r: 3 }, svg("title", {}, flag)),
      ),
  );
}

function follow(event, drawn, series, x, width, cursor, reading, now) {
  const at = ((event.clientX - drawn.getBoundingClientRect().left) / drawn.clientWidth) * width;
  const nearest = series.points.reduce((best, point) => (Math.abs(x(point[0]) - at) < Math.abs(x(best[0]) - at) ? point : best));
  const [time, value, flag] = nearest;
  cursor.setAttribute("d", `M${x(time)} ${PAD.top}V${HEIGHT - PAD.bottom}`);
  const words = value === null ? t("no value") : withUnit(value, series.unit);
  reading.textContent = `${now ? moment(time, now) : timeOfDay(time)} · ${words}${flag && flag !== NORMAL ? ` · ${t("flag {flag}", { flag })}` : ""}`;
}

function limitList(series) {
  return el(
    "ul",
    { class: "limits" },
    (series.limits ?? []).map((limit) =>
      el(
        "li",
        { class: `level-${limit.severity}` },
        el("span", { class: "swatch" }),
        el("strong", {}, `${limit.level} ${limit.side === "low" ? "<" : ">"} ${withUnit(limit.value, series.unit)}`),
        el("span", {}, pick(limit.standard_text, limit.standard)),
        el("span", { class: "source" }, pick(limit.source_text, limit.source)),
        limit.confirmed ? null : el("span", { class: "mark doubt" }, t("unconfirmed")),
      ),
    ),
  );
}
