// The city as a schematic: sites by their WGS-84 position, districts by name, alarms marked.
//
// No outlines are drawn because none are at hand; the grid and the scale say how far things are apart.

import { el, svg } from "./element.js";
import { count } from "./figures.js";
import { districtCentres, pick, t } from "./frame.js";
import { needsAction, rank, shape } from "./levels.js";

const MARK = 30; // px, the side of an alarm's mark; marks closer than this become one
const EDGE = 34; // px kept free around the outermost site
const MOST_DOTS = 3_000;
const KM_PER_DEGREE = 111.32;

export class CityMap {
  #stamp = "";
  #sites = [];
  #alarms = [];

  constructor(container, note) {
    this.container = container;
    this.note = note;
    new ResizeObserver(() => this.#draw(true)).observe(container);
  }

  show(sites, alarms) {
    this.#sites = sites.filter((site) => Number.isFinite(site.lat) && Number.isFinite(site.lon));
    this.#alarms = alarms;
    this.#draw(false);
  }

  #draw(forced) {
    const { clientWidth: width, clientHeight: height } = this.container;
    const stamp = JSON.stringify([
      this.#sites.map((site) => [site.id, site.lat, site.lon]),
      this.#alarms.map((alarm) => [alarm.id, alarm.severity, alarm.state]),
    ]);
    if (width < 80 || height < 80 || (!forced && stamp === this.#stamp)) return;
    this.#stamp = stamp;
    this.note.textContent = this.#words();
    if (this.#sites.length === 0) {
      this.container.replaceChildren(el("p", { class: "notice" }, t("No site with a position is registered.")));
      return;
    }
    const view = fit(this.#sites, width, height);
    const taken = [];
    const dots = this.#sites.slice(0, MOST_DOTS);
    const marks = placeAlarms(this.#sites, this.#alarms, view, taken);
    this.container.replaceChildren(
      svg(
        "svg",
        { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("Sites and open alarms on a schematic map") },
        grid(view),
        dots.map((site) => siteDot(site, view)),
        marks,
        districts(view, [...taken, ...dots.map((site) => box(view.x(site.lon), view.y(site.lat), 8, 8))]),
        scale(view),
      ),
    );
  }

  #words() {
    const known = new Set(this.#sites.map((site) => site.id));
    const nowhere = this.#alarms.filter((alarm) => !known.has(alarm.site)).length;
    return nowhere ? t("{n} open alarms at sites without a position", { n: count(nowhere) }) : "";
  }
}

// A flat projection that keeps distances true near the city's middle and fits all sites into the box.
function fit(sites, width, height) {
  const lats = sites.map((site) => site.lat);
  const lons = sites.map((site) => site.lon);
  const middle = (Math.min(...lats) + Math.max(...lats)) / 2;
  const centre = (Math.min(...lons) + Math.max(...lons)) / 2;
  const squeeze = Math.cos((middle * Math.PI) / 180);
  const tall = Math.max(Math.max(...lats) - Math.min(...lats), 0.04);
  const broad = Math.max((Math.max(...lons) - Math.min(...lons)) * squeeze, 0.04);
  const pixels = Math.min((width - 2 * EDGE) / broad, (height - 2 * EDGE) / tall);
  return {
    width, height, pixels, squeeze,
    x: (lon) => width / 2 + (lon - centre) * squeeze * pixels,
    y: (lat) => height / 2 - (lat - middle) * pixels,
    lon: (x) => centre + (x - width / 2) / (squeeze * pixels),
    lat: (y) => middle - (y - height / 2) / pixels,
  };
}

function grid(view) {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((each) => each * view.pixels > 70) ?? 2;
  const lines = [];
  for (let lat = Math.ceil(view.lat(view.height) / step) * step; view.y(lat) > 0; lat += step) {
    lines.push(svg("path", { d: `M0 ${view.y(lat)}H${view.width}` }));
  }
  for (let lon = Math.ceil(view.lon(0) / step) * step; view.x(lon) < view.width; lon += step) {
    lines.push(svg("path", { d: `M${view.x(lon)} 0V${view.height}` }));
  }
  return svg("g", { class: "grid" }, lines);
}

function siteDot(site, view) {
  const dot = svg("circle", { class: "site", cx: view.x(site.lon), cy: view.y(site.lat), r: 3.5 });
  dot.append(svg("title", {}, pick(site.title, site.id)));
  return dot;
}

// One mark per place, carrying the worst severity there and, where more than one is open, how many.
function placeAlarms(sites, alarms, view, taken) {
  const where = new Map(sites.map((site) => [site.id, site]));
  const places = [];
  for (const alarm of [...alarms].sort(worstFirst)) {
    const site = where.get(alarm.site);
    if (!site) continue;
    const at = { x: view.x(site.lon), y: view.y(site.lat) };
    const near = places.find((place) => Math.hypot(place.x - at.x, place.y - at.y) < MARK);
    if (near) near.alarms.push(alarm);
    else places.push({ ...at, alarms: [alarm], title: pick(site.title, site.id) });
  }
  for (const place of places) taken.push(box(place.x, place.y, MARK, MARK));
  // The worst is named first, while there is room, and drawn last, on top.
  return places.map((place) => placeMark(place, view, taken)).reverse();
}

const worstFirst = (one, other) =>
  rank(other.severity) - rank(one.severity) || needsAction(other) - needsAction(one) || one.opened - other.opened;

function placeMark(place, view, taken) {
  const worst = place.alarms[0];
  const filled = place.alarms.some((alarm) => needsAction(alarm) && alarm.severity === worst.severity);
  const half = MARK / 2;
  const group = svg("g", { class: `level level-${worst.severity} ${filled ? "filled" : ""}` });
  const frame = svg("g", { transform: `translate(${place.x - half} ${place.y - half}) scale(${MARK / 24})` });
  frame.append(shape(worst.severity));
  const words = place.alarms.length > 1 ? `${place.title} · ${place.alarms.length}` : place.title;
  group.append(frame, ...label(words, place, view, taken));
  group.append(svg("title", {}, words));
  return group;
}

// The name beside the mark, on the side that has room; none where neither has.
function label(words, { x, y }, view, taken) {
  const wide = broad(words);
  const away = MARK / 2 + 6;
  const sides = x > view.width * 0.62 ? [-1, 1] : [1, -1];
  for (const side of sides) {
    const room = box(x + side * (away + wide / 2), y, wide, 18);
    if (room.left < 2 || room.right > view.width - 2 || !free(room, taken)) continue;
    taken.push(room);
    return [svg("text", { class: "place", x: x + side * away, y: y + 5, "text-anchor": side < 0 ? "end" : "start" }, words)];
  }
  return [];
}

function districts(view, taken) {
  return districtCentres().flatMap((each) => {
    const at = { x: view.x(each.lon), y: view.y(each.lat) };
    const name = pick(each);
    for (const aside of [0, 18, -18]) {
      const room = box(at.x, at.y + aside, broad(name), 20);
      if (room.left < 4 || room.right > view.width - 4 || room.top < 4 || room.bottom > view.height - 24) continue;
      if (!free(room, taken)) continue;
      taken.push(room);
      return svg("text", { class: "district", x: at.x, y: at.y + aside + 5, "text-anchor": "middle" }, name);
    }
    return [];
  });
}

function scale(view) {
  const km = [0.5, 1, 2, 5, 10, 20, 50].findLast((each) => (each / KM_PER_DEGREE) * view.pixels < 160) ?? 0.5;
  const wide = (km / KM_PER_DEGREE) * view.pixels;
  const y = view.height - 12;
  return svg(
    "g",
    { class: "scale" },
    svg("path", { d: `M12 ${y - 5}V${y}H${12 + wide}V${y - 5}` }),
    svg("text", { x: 18 + wide, y: y + 1 }, t("{n} km", { n: km })),
  );
}

// About how wide a text of 15 px is: a Chinese character is as wide as it is high, a Latin one about half.
const broad = (words) => [...words].reduce((sum, each) => sum + (each.codePointAt(0) > 0x2e80 ? 15.5 : 8.6), 0);

const box = (x, y, wide, high) => ({ left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2 });

const free = (room, taken) =>
  taken.every(
    (other) =>
      room.right < other.left || room.left > other.right || room.bottom < other.top || room.top > other.bottom,
  );
