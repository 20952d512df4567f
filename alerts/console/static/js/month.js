// Transmission effectiveness and online rates of a month by station, and the scorecard by district.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { district, pick, t, zone } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");

const number = (value, digits = 2) => (value === null || value === undefined ? "–" : value.toFixed(digits));
const percent = (value) => (value === null || value === undefined ? "–" : `${value.toFixed(2)} %`);
const signed = (value, digits) => (value === null ? "–" : `${value > 0 ? "+" : ""}${value.toFixed(digits)}`);
const cell = (text) => el("td", { class: "number" }, text);

function scored(each) {
  const change = each.score_change === null ? "–" : t("{score} points, {places} places", {
    score: signed(each.score_change, 2),
    places: signed(each.rank_change, 0),
  });
  return el(
    "tr",
    {},
    cell(each.rank === null ? "–" : String(each.rank)),
    el("td", {}, district(each.district) || t("district not known")),
    cell(number(each.score)),
    cell(change),
    cell(percent(each.online)),
    cell(number(each.offline_h)),
    cell(String(each.drop_outs)),
    cell(percent(each.effectiveness)),
    cell(each.tickets === null ? "–" : `${each.tickets.toFixed(1)} %`),
    cell(number(each.review_lag_h)),
  );
}

function station(each) {
  return el(
    "tr",
    { "data-station": each.site },
    el("td", {}, pick(each.site_title)),
    el("td", {}, district(each.district) || t("district not known")),
    cell(String(each.owed)),
    cell(percent(each.transmission)),
    cell(percent(each.validity)),
    cell(percent(each.effectiveness)),
    cell(percent(each.online)),
    cell(number(each.offline_h)),
    cell(String(each.drop_outs)),
  );
}

async function list() {
  const month = form.elements.month.value;
  if (!month) return;
  try {
    const asked = `month=${encodeURIComponent(month)}`;
    const [scores, stations] = await Promise.all([get(`/api/scorecard?${asked}`), get(`/api/effectiveness?${asked}`)]);
    byId("scores").replaceChildren(...scores.items.map(scored));
    byId("stations").replaceChildren(...stations.items.map(station));
    byId("scorecard-csv").href = `/api/scorecard?${asked}&format=csv`;
    byId("stations-csv").href = `/api/effectiveness?${asked}&format=csv`;
    byId("none").hidden = stations.items.length > 0;
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

// The first time that city time is known its month is shown.
startBar({
  wall: (wall) => {
    if (form.elements.month.value || !wall.city_time) return;
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit" }).formatToParts(wall.city_time);
    const part = (type) => parts.find((each) => each.type === type).value;
    form.elements.month.value = `${part("year")}-${part("month")}`;
    list();
  },
});
form.addEventListener("change", list);
form.addEventListener("submit", (event) => event.preventDefault());
