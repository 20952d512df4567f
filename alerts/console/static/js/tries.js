// Every try of a delivery, fetched when somebody opens them; what was open stays open when the story is read anew.

import { el } from "./element.js";
import { count, moment } from "./figures.js";
import { t } from "./frame.js";
import { getDelivery } from "./server.js";

const opened = new Set();

export function triesNode(delivery, now) {
  const list = el("ol", { class: "tries" });
  const node = el("details", { open: opened.has(delivery.id) }, el("summary", {}, t("tries: {n}", { n: count(delivery.attempts) })), list);
  node.addEventListener("toggle", () => {
    if (!node.open) return opened.delete(delivery.id);
    opened.add(delivery.id);
    fill(list, delivery.id, now);
  });
  return node;
}

async function fill(list, id, now) {
  let rows;
  try {
    rows = (await getDelivery(id)).tries.map((each) => el("li", {}, line(each, now)));
  } catch (error) {
    rows = [el("li", { class: "error" }, error.message)];
  }
  list.replaceChildren(...rows);
}

// Wall time: the recipient's clock is no replay.
function line(each, now) {
  const titles = { retrying: t("failed, due again"), delivered: t("delivered"), "signed-for": t("signed for"), dead: t("given up") };
  return [
    t("{time} (real time)", { time: moment(each.wall, now) }),
    titles[each.status] ?? each.status,
    each.http_status ? `HTTP ${each.http_status}` : "",
    Number.isFinite(each.took_ms) ? `${count(each.took_ms)} ms` : "",
    each.error,
    each.signed_for_by ? t("signed for by {who} at {time}", { who: each.signed_for_by, time: moment(each.signed_for_at, now) }) : "",
    each.receipt,
  ]
    .filter(Boolean)
    .join(" · ");
}
