// What a responder must know: consequence, action, time to respond, owner (ISA-18.2 rationalisation).

import { el } from "./element.js";
import { span } from "./figures.js";
import { pick, t } from "./frame.js";

// The pack's guidance; where it has none, what to check with any alarm of this family.
export function guidanceNode(guidance, family) {
  if (!guidance) return general(family);
  const rows = [
    [t("Action"), pick(guidance.action)],
    [t("If nothing is done"), pick(guidance.consequence)],
    [t("Respond within"), guidance.respond_within_s ? span(guidance.respond_within_s * 1000) : ""],
    [t("Owner"), pick(guidance.owner)],
  ];
  return list(rows.filter(([, text]) => text));
}

function general(family) {
  return el(
    "div",
    {},
    list([[t("Check"), checks()[family] ?? t("Ask the site what it sees, and write down what was said.")]]),
    el("p", { class: "more" }, t("General advice: the domain pack says nothing for this alarm.")),
  );
}

const list = (rows) => el("dl", { class: "guidance" }, rows.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text))));

const checks = () => ({
  limit: t("Is the value real: what do the second instrument and the neighbours say? If it is, have the cause stopped and people kept away, and watch until it is below the limit."),
  quality: t("Is the instrument or the line at fault: constant, clipped, silent? Have it looked at, and judge the site by its neighbours until it is trusted again."),
  anomaly: t("Compare with the hours before and the sites around. Ask the site whether anything was changed: load, valve, cleaning, calibration."),
  integrity: t("Fetch the evidence pack and keep its head. Have instrument, sampling line and logger looked at without notice, and a sample taken beside them."),
  model: t("The readings do not fit each other. See which one moved first, and ask the site about exactly that one."),
  "hazard-grade": t("Check the declared quantities against the yard. If they are right, reduce what is stored, and have the higher grade's measures taken."),
  segregation: t("Which two containers lie too close? Have the one that is easier to move taken away, and keep fire and water off both until then."),
  "over-storage": t("Check how long and how much is stored against the permit, and have the surplus taken away."),
  undeclared: t("Stop the container, have it opened by people who are protected, and treat it as the worst it could be until it is known."),
  observed: t("Somebody has seen it: ask where exactly, how large and who is near; send the nearest unit to look."),
});
