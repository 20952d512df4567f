// The order of the console's list: sections, groups of alarms that belong together, consequences under their cause.
//
// What needs action stands first, the worst first. A group stands where its most urgent alarm would stand.

import { byUrgency, isQuiet, needsAction } from "./levels.js";

const SECTIONS = ["act", "taken", "quiet", "closed"];
const FOLDED = new Set(["quiet"]); // sections that are folded until somebody opens them
const LARGEST_OPEN = 6; // a group of more is folded at first: its head says how many there are

// The rows to draw. `isOpen(key, first)` says whether a row is unfolded, `first` is how it begins.
// Each row: {key, kind: section | group | alarm, level, alarms: those it stands for, foldable, open}, and
// `alarm`, `section`, `consequences` where they apply.
export function arrange(alarms, isOpen) {
  const { standing, behind } = foldConsequences(alarms);
  const rows = [];
  for (const section of SECTIONS) {
    const mine = standing.filter((alarm) => sectionOf(alarm) === section).sort(byUrgency);
    if (mine.length === 0) continue;
    const key = `section ${section}`;
    const open = isOpen(key, !FOLDED.has(section));
    rows.push({ key, kind: "section", section, level: 1, alarms: mine, foldable: true, open });
    if (open) addSection(rows, section, mine, behind, isOpen);
  }
  return rows;
}

function sectionOf(alarm) {
  if (alarm.state === "normal") return "closed";
  if (isQuiet(alarm)) return "quiet";
  return needsAction(alarm) ? "act" : "taken";
}

// What is hidden goes under the outermost of its causes that is shown; where none is, it stands for itself.
function foldConsequences(alarms) {
  const known = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const standing = [];
  const behind = new Map();
  for (const alarm of alarms) {
    const cause = outermost(alarm, known);
    if (cause === alarm) standing.push(alarm);
    else behind.set(cause.id, [...(behind.get(cause.id) ?? []), alarm]);
  }
  return { standing, behind };
}

function outermost(alarm, known) {
  const seen = new Set();
  let at = alarm;
  while (at.hidden_by && at.state !== "normal" && known.has(at.hidden_by) && !seen.has(at.id)) {
    seen.add(at.id);
    at = known.get(at.hidden_by);
  }
  return seen.has(at.id) ? alarm : at; // rules that go in a circle hide nothing from us
}

function addSection(rows, section, alarms, behind, isOpen) {
  const groups = Map.groupBy(alarms, (alarm) => (section === "closed" ? alarm.id : (alarm.group ?? alarm.id)));
  for (const [group, members] of groups) {
    if (members.length === 1) {
      addAlarm(rows, members[0], 2, behind, isOpen);
      continue;
    }
    const key = `group ${section} ${group}`;
    const open = isOpen(key, members.length <= LARGEST_OPEN);
    rows.push({ key, kind: "group", level: 2, alarms: members, foldable: true, open });
    if (open) for (const alarm of members) addAlarm(rows, alarm, 3, behind, isOpen);
  }
}

function addAlarm(rows, alarm, level, behind, isOpen) {
  const consequences = (behind.get(alarm.id) ?? []).sort(byUrgency);
  const foldable = consequences.length > 0;
  const open = foldable && isOpen(alarm.id, false);
  rows.push({ key: alarm.id, kind: "alarm", level, alarm, alarms: [alarm], consequences, foldable, open });
  if (!open) return;
  for (const each of consequences) {
    rows.push({ key: each.id, kind: "alarm", level: level + 1, alarm: each, alarms: [each], consequences: [], foldable: false, open: false, hidden: true });
  }
}
