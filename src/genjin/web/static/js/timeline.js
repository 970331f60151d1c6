// The timeline of a record: what is opened in place, and which month one is looking at.

// Fields that are empty do not stand in the address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.closest("[data-lean]")) return;
  for (const [name, value] of [...detail.parameters.entries()]) if (value === "") detail.parameters.delete(name);
});

// What is chosen is shown at once; a text when it is entered, or emptied.
document.addEventListener("change", ({ target }) => {
  if (target.type !== "search") target.form?.matches("[data-lean]") && target.form.requestSubmit();
});
document.addEventListener("search", ({ target }) => {
  if (!target.value) target.form?.matches("[data-lean]") && target.form.requestSubmit();
});

// Of several answers on their way only that to what was asked for last is shown.
let asked = null;
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "timeline") asked = detail.xhr;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "timeline" && event.detail.xhr !== asked) event.preventDefault();
});

// Comments are opened under their entry, and closed by the same button.
document.addEventListener("htmx:beforeRequest", (event) => {
  const button = event.target.closest?.("[data-comments]");
  const place = button && document.getElementById(button.getAttribute("aria-controls"));
  if (!place?.hasChildNodes()) return;
  event.preventDefault();
  place.replaceChildren();
  button.setAttribute("aria-expanded", "false");
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (!target.matches(".entry-said")) return;
  document.querySelector(`[data-comments][aria-controls="${target.id}"]`)?.setAttribute("aria-expanded", "true");
});

// The month that is looked at is marked among those to jump to.
const bar = 80;
let waiting = false;
function mark() {
  waiting = false;
  const months = document.getElementById("months");
  if (!months) return;
  let day = null;
  for (const each of document.querySelectorAll("[data-day]")) {
    if (day !== null && each.getBoundingClientRect().top > bar) break;
    day = each.dataset.day;
  }
  const here = day?.slice(0, 7);
  for (const each of months.querySelectorAll("[data-month]")) {
    if (each.dataset.month === here) {
      if (each.hasAttribute("aria-current")) continue;
      each.setAttribute("aria-current", "true");
      const list = each.closest("[data-scrolls]");
      if (list) list.scrollTop = each.offsetTop - list.clientHeight / 2;
    } else each.removeAttribute("aria-current");
  }
  const choice = document.querySelector("[data-months]");
  if (choice && here && document.activeElement !== choice) {
    const option = choice.querySelector(`[data-month="${here}"]`);
    if (option) choice.value = option.value;
  }
}
const soon = () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(mark);
};
addEventListener("scroll", soon, { passive: true });
document.addEventListener("htmx:afterSettle", soon);
soon();
