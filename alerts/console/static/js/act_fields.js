// The fields a dialog may ask for. Each makes {node, first: what takes the focus, wire(form): what depends on others}.

import { el, setText } from "./element.js";
import { hourAndMinute, span } from "./figures.js";
import { pick, t } from "./frame.js";

const SHELVING_S = [15 * 60, 30 * 60, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600];
const LONGEST_S = 8 * 3600; // where an alarm does not say its longest shelving

export const FIELDS = { note, words, hours, reason, verdict, to, step };

function textarea(label, required) {
  const area = el("textarea", { name: "note", rows: 2, maxlength: 2000, required });
  const title = el("span", {}, label);
  return { node: el("label", {}, title, area), first: area, title };
}

function note() {
  const field = textarea(t("Note"), false);
  return {
    ...field,
    // Some reasons and verdicts mean nothing without a word more.
    wire: (form) =>
      form.addEventListener("change", () => {
        const must = Boolean(form.querySelector("[data-needs-note]:checked, option[data-needs-note]:checked"));
        field.first.required = must;
        setText(field.title, must ? t("Note (needed)") : t("Note"));
      }),
  };
}

function words() {
  return textarea(t("Comment"), true);
}

// Times up to the longest that all of these alarms take; city time, as the desk's clock shows it.
function hours({ alarms, now }) {
  const longest = Math.min(...alarms.map((alarm) => alarm.shelve_max_s ?? LONGEST_S));
  const times = SHELVING_S.filter((seconds) => seconds < longest);
  const offered = [...times, longest].map((seconds) => ({
    value: seconds,
    title: span(seconds * 1000),
    more: now ? t("until {time}", { time: hourAndMinute(now + seconds * 1000) }) : "",
  }));
  if (alarms.every((alarm) => !alarm.returned)) {
    offered.push({ value: "once", title: t("until it is over"), more: t("at most {span}", { span: span(longest * 1000) }) });
  }
  return choice("hours", t("For how long"), offered, offered[Math.min(1, offered.length - 1)].value);
}

function reason({ words: { reasons } }) {
  const options = reasons.map((each) => el("option", { value: each.code, "data-needs-note": each.needs_note }, pick(each.title, each.code)));
  const select = el("select", { name: "reason", required: true }, el("option", { value: "" }, t("choose…")), options);
  return { node: el("label", {}, t("Reason"), select), first: select };
}

function verdict({ words: { verdicts } }) {
  const counts = {
    true: t("counts as true"),
    false: t("counts as false"),
    drill: t("counts as a drill"),
    maintenance: t("counts as maintenance"),
    "sensor-fault": t("counts as a sensor fault"),
    unjudged: t("counts as not judged"),
  };
  const offered = verdicts.map((each) => ({
    value: each.code,
    title: pick(each.title, each.code),
    more: counts[each.counts_as] ?? each.counts_as,
    needsNote: each.needs_note,
  }));
  return choice("verdict", t("What was it?"), offered);
}

function to() {
  const input = el("input", { name: "to", required: true, maxlength: 80, autocomplete: "off" });
  return { node: el("label", {}, t("To whom"), input), first: input };
}

function step({ alarms: [alarm] }) {
  const who = pick(alarm.escalate_to_title, alarm.escalate_to ?? "");
  return { node: el("p", { class: "step" }, t("It goes to:"), " ", el("strong", {}, who)), first: null };
}

// One of several, all in sight: whoever presses in a hurry must see what else there was.
function choice(name, legend, offered, chosen) {
  const inputs = offered.map((each) =>
    el("input", { type: "radio", name, value: each.value, required: true, checked: each.value === chosen, "data-needs-note": each.needsNote }),
  );
  const labels = offered.map((each, place) => el("label", {}, inputs[place], el("span", {}, el("strong", {}, each.title), el("span", {}, each.more))));
  return { node: el("fieldset", { class: "choice" }, el("legend", {}, legend), el("div", {}, labels)), first: inputs.find((each) => each.checked) ?? inputs[0] };
}
