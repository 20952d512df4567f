// The console's keys. While somebody types or a dialog is open they are not ours; Escape always leads back.

// keys: what each does, by the name the browser gives the key.
export function bindKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select");
    const pressing = (event.key === "Enter" || event.key === " ") && event.target.closest("a, button, summary");
    if ((typing && event.key !== "Escape") || pressing || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
