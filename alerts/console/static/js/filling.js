// A part of a page that fills itself is marked aria-busy; until it has, neither it nor what stands after it is shown
// (ground.css). So nothing that can be pressed moves from under a hand that was about to press it.

// Show what was marked, once everything in `parts` has come or has failed: all of it at once.
export async function showFilled(...parts) {
  await Promise.allSettled(parts);
  for (const each of document.querySelectorAll("[aria-busy=true]")) each.removeAttribute("aria-busy");
}
