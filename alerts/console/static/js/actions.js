// What can be done about an alarm: its name, its key, the permission it needs, what its dialog asks for.

import { me, t } from "./frame.js";

// rare: offered behind "more". fields: note (free), words (a note that must be), hours, reason, verdict, to, step (only says to whom).
// many: may be done to several alarms at once.
export const ACTIONS = {
  acknowledge: { key: "a", needs: "acknowledge", fields: ["note"], many: true },
  confirm: { key: "a", needs: "acknowledge", fields: ["note"], many: true },
  reset: { key: "a", needs: "acknowledge", fields: ["note"], many: true },
  shelve: { key: "s", needs: "shelve", fields: ["hours", "reason", "note"], many: true },
  unshelve: { key: "s", needs: "shelve", fields: ["note"], many: true },
  escalate: { key: "e", needs: "escalate", fields: ["step", "note"], many: false },
  "hand-over": { key: "h", needs: "hand-over", fields: ["to", "note"], many: true },
  comment: { key: "n", needs: "comment", fields: ["words"], many: false },
  close: { key: "c", needs: "close", fields: ["verdict", "note"], many: true },
  verdict: { key: "v", needs: "judge", fields: ["verdict", "note"], many: true, rare: true },
  "return-to-service": { key: "", needs: "suppress", fields: ["note"], many: false },
  suppress: { key: "", needs: "suppress", fields: ["reason", "note"], many: false, rare: true },
  "out-of-service": { key: "", needs: "suppress", fields: ["reason", "note"], many: false, rare: true },
};

export function actionTitle(name) {
  const titles = {
    acknowledge: t("Acknowledge"),
    confirm: t("Confirm"),
    reset: t("Reset"),
    shelve: t("Shelve"),
    unshelve: t("Unshelve"),
    escalate: t("Escalate"),
    "hand-over": t("Hand over"),
    comment: t("Comment"),
    close: t("Close with a verdict"),
    verdict: t("Judge"),
    "return-to-service": t("Return to service"),
    suppress: t("Suppress"),
    "out-of-service": t("Take out of service"),
  };
  return titles[name];
}

const permitted = (name) => !me.signed_in || me.acts.includes(ACTIONS[name].needs);

// The actions this alarm takes as it stands and this reader may do, in the order in which to offer them.
export function offered(alarm) {
  return Object.keys(ACTIONS).filter((name) => (alarm.allowed ?? []).includes(name) && permitted(name));
}

// What a key does to these alarms: the first of its actions that any of them takes, and which of them take it.
export function chosenBy(key, alarms) {
  for (const [name, { key: own, many }] of Object.entries(ACTIONS)) {
    if (own !== key) continue;
    const takers = alarms.filter((alarm) => offered(alarm).includes(name));
    if (takers.length > 0) return { name, alarms: many ? takers : takers.slice(0, 1) };
  }
  return null;
}
