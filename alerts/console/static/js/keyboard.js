// The console's keys. While somebody types, only Escape is ours.

export function bindKeys(actions) {
  const keys = {
    j: actions.next,
    ArrowDown: actions.next,
    k: actions.previous,
    ArrowUp: actions.previous,
    a: actions.acknowledge,
    Enter: actions.open,
    "?": actions.help,
    Escape: actions.back,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select");
    const pressing = event.key === "Enter" && event.target.closest("a, button");
    if ((typing && event.key !== "Escape") || pressing || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
