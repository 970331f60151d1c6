// Selecting rows of a list. Without it they are selected all the same; this counts them, and selects all of a page.

const boxes = (form) => [...form.querySelectorAll('input[name="id"]')];

function tell(form) {
  const all = boxes(form), chosen = all.filter((box) => box.checked).length;
  const bar = form.querySelector("[data-bulk]"), count = bar.querySelector("[data-count]"), head = form.querySelector("[data-all]");
  const tooMany = chosen > Number(form.dataset.most);
  bar.hidden = chosen === 0;
  bar.classList.add("floating");
  bar.querySelector("[data-none]").hidden = false;
  count.textContent = tooMany ? form.dataset.tooMany : count.dataset.text.replace("#", chosen);
  bar.querySelectorAll('button[name="act"]').forEach((button) => (button.disabled = tooMany));
  head.hidden = false;
  head.checked = chosen > 0 && chosen === all.length;
  head.indeterminate = chosen > 0 && chosen < all.length;
}

const begin = () => document.querySelectorAll("[data-selection]").forEach(tell);

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-selection]");
  if (!form) return;
  if (event.target.matches("[data-all]")) for (const box of boxes(form)) box.checked = event.target.checked;
  tell(form);
});
document.addEventListener("reset", (event) => {
  if (event.target.matches("[data-selection]")) setTimeout(() => tell(event.target));
});

// The list follows what is typed, but for what an input method is still composing.
let typed = 0;
const seek = (input) => {
  clearTimeout(typed);
  typed = setTimeout(() => input.dispatchEvent(new Event("seek")), 300);
};
for (const type of ["input", "compositionend"])
  document.addEventListener(type, (event) => {
    if (event.target.id === "list-q" && !event.isComposing) seek(event.target);
  });

function follow() {
  const input = document.getElementById("list-q"), told = document.querySelector("[data-q]");
  if (input && told && input !== document.activeElement) input.value = told.dataset.q;
}

document.addEventListener("htmx:afterSettle", () => {
  begin();
  follow();
});
window.addEventListener("pageshow", begin);
begin();
