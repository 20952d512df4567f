// Carriers, routes, tracks and areas as a drawing to scale, north up; nothing of it comes from elsewhere.

import { el, svg } from "./element.js";
import { pick, t } from "./frame.js";
import { shape } from "./levels.js";

const M_PER_DEGREE = 111_195;
const EDGE = 40;
const MARK = 26;
const LETTER = 13; // a letter of a name is as wide as that at most
const PHONE = 480; // px: on less the drawing is made for that many units

// `points`: [lat, lon] that must be seen; `high`: the drawing's height in its own units.
function fit(points, wide, high, least) {
  const lats = points.map((each) => each[0]);
  const lons = points.map((each) => each[1]);
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const middle = [(south + north) / 2, (west + east) / 2];
  const squeeze = Math.cos((middle[0] * Math.PI) / 180);
  const tall = Math.max((north - south) * M_PER_DEGREE, least);
  const broad = Math.max((east - west) * squeeze * M_PER_DEGREE, least);
  const scale = Math.min((wide - 2 * EDGE) / broad, (high - 2 * EDGE) / tall); // units per metre
  return {
    scale, wide, high,
    at: ([lat, lon]) => [
      wide / 2 + (lon - middle[1]) * squeeze * M_PER_DEGREE * scale,
      high / 2 - (lat - middle[0]) * M_PER_DEGREE * scale,
    ],
  };
}

const path = (view, points) => points.map((each, place) => `${place ? "L" : "M"}${view.at(each).map((v) => v.toFixed(1)).join(" ")}`).join("");

const titled = (node, words) => {
  node.append(svg("title", {}, words));
  return node;
};

function areaNode(view, area) {
  const kind = `area ${area.rule} ${area.confirmed ? "" : "assumed"}`;
  const words = [pick(area.title), area.hours.join(", "), area.classes.length ? `${t("class")} ${area.classes.join(", ")}` : ""];
  const node = area.width_m
    ? svg("path", { class: `${kind} along`, d: path(view, area.points), "stroke-width": Math.max(4, area.width_m * view.scale) })
    : svg("path", { class: kind, d: `${path(view, area.points)}Z` });
  return titled(node, words.filter(Boolean).join(" · "));
}

// The name where the area is drawn large enough to bear it and no other name stands there.
function areaNames(view, areas) {
  const taken = [];
  return areas.map((area) => {
    const corners = area.points.map(view.at);
    const xs = corners.map((each) => each[0]);
    const ys = corners.map((each) => each[1]);
    const [x, y] = [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2 + (area.width_m ? -10 : 5)];
    const outside = x < 60 || x > view.wide - 60 || y < 16 || y > view.high - 30;
    const small = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)) < 30;
    if (outside || small || taken.some((other) => Math.hypot(other[0] - x, (other[1] - y) * 5) < 110)) return null;
    taken.push([x, y]);
    return svg("text", { class: "area-name", x, y, "text-anchor": "middle" }, pick(area.title));
  });
}

// Length of the bar: the roundest number of metres that is not too wide.
function scaleBar(view) {
  const metres = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000].findLast((each) => each * view.scale < view.wide / 5) ?? 100;
  const long = metres * view.scale;
  const y = view.high - 14;
  return svg(
    "g",
    { class: "scale" },
    svg("path", { d: `M14 ${y - 5}V${y}H${14 + long}V${y - 5}` }),
    svg("text", { x: 20 + long, y: y + 1 }, metres < 1_000 ? `${metres} m` : t("{n} km", { n: metres / 1_000 })),
  );
}

// A mark above each place, with its number in the list; marks that would lie on each other stand one above the other.
function findingMarks(view, findings) {
  const taken = [];
  return findings.map((finding, at) => {
    if (!Number.isFinite(finding.facts.lat)) return null;
    const [x, foot] = view.at([finding.facts.lat, finding.facts.lon]);
    let y = foot - MARK - 6;
    while (taken.some((other) => Math.abs(other[0] - x) < MARK + 16 && Math.abs(other[1] - y) < MARK)) y -= MARK;
    taken.push([x, y]);
    const mark = svg("g", { class: `level level-${finding.severity} filled`, transform: `translate(${x - MARK / 2} ${y}) scale(${MARK / 24})` }, shape(finding.severity));
    return titled(
      svg("g", { class: "finding" }, svg("path", { class: "leader", d: `M${x} ${y + MARK}V${foot}` }), mark, svg("text", { class: "number-of", x: x + MARK / 2 + 3, y: y + 18 }, at + 1)),
      `${at + 1} · ${pick(finding.text)}`,
    );
  });
}

// Spots that lie on each other bear their names together.
function spotNodes(view, spots) {
  const placed = [];
  for (const each of spots) {
    const [x, y] = view.at(each.at);
    const near = placed.find((other) => Math.hypot(other.x - x, other.y - y) < 14);
    if (near) Object.assign(near, { kind: each.kind, words: [near.words, each.words].filter(Boolean).join("; ") });
    else placed.push({ x, y, kind: each.kind, words: each.words });
  }
  return placed.map(({ x, y, kind, words }) => {
    const left = x > view.wide / 2 && x + 20 + LETTER * words?.length > view.wide; // its name stands on the side that has room
    const node = svg("g", { class: `spot ${kind}` }, svg("circle", { cx: x, cy: y, r: 6 }));
    if (words) node.append(svg("text", { x: x + (left ? -11 : 11), y: y + 5, "text-anchor": left ? "end" : "start" }, words));
    return node;
  });
}

// Draw into `container`; `least`: so many metres are seen at least. What is drawn: route, track, spots [{at, kind, words}] and findings; areas are drawn where they lie.
export function drawMap(container, { areas = [], route = [], track = [], spots = [], findings = [] }, label, wide = 900, high = 520, least = 800) {
  if (container.clientWidth > 0 && container.clientWidth < PHONE) [wide, high] = [PHONE, PHONE * 0.8];
  const placed = findings.filter((each) => Number.isFinite(each.facts.lat));
  const points = [...route, ...track, ...spots.map((each) => each.at), ...placed.map((each) => [each.facts.lat, each.facts.lon])];
  if (points.length === 0) {
    container.replaceChildren(el("p", { class: "notice" }, t("No position is known.")));
    return;
  }
  const view = fit(points, wide, high, least);
  container.replaceChildren(
    svg(
      "svg",
      { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": label },
      areas.map((each) => areaNode(view, each)),
      areaNames(view, areas),
      route.length > 1 ? svg("path", { class: "route", d: path(view, route) }) : null,
      track.length > 1 ? svg("path", { class: "track", d: path(view, track) }) : null,
      spotNodes(view, spots),
      findingMarks(view, findings),
      scaleBar(view),
    ),
  );
}
