// Behind an @, colleagues are suggested: by name, pinyin or initials. Who is chosen is told; whose name is taken out of
// the text again is not.

const asked = /(^|[^A-Za-z0-9_.])@([\p{L}\p{N}_.·-]{0,20})$/u;
const list = () => document.getElementById("colleagues");
let field = null;
let latest = 0;
let asking = null; // while suggestions for what is typed now are on their way

/** The list of colleagues, below whichever field asks for it. */
function made(label) {
  const shown = document.createElement("ul");
  Object.assign(shown, { id: "colleagues", className: "colleagues", role: "listbox", ariaLabel: label });
  document.body.append(shown);
  return shown;
}

function typed() {
  if (!field || field.selectionStart !== field.selectionEnd) return null;
  return asked.exec(field.value.slice(0, field.selectionStart));
}

function hide() {
  const shown = list();
  if (shown) shown.hidden = true;
  field?.removeAttribute("aria-activedescendant");
}

function options() {
  const shown = list();
  return shown && !shown.hidden ? [...shown.querySelectorAll("[role='option']")] : [];
}

function select(option) {
  options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function suggest() {
  const nth = ++latest;
  const found = typed();
  if (!found) {
    asking = null;
    return hide();
  }
  const mine = (asking = show(found, nth).finally(() => {
    if (asking === mine) asking = null;
  }));
}

async function show(found, nth) {
  let answer;
  try {
    answer = await fetch(`/colleagues/suggestions?q=${encodeURIComponent(found[2])}`, { headers: { "HX-Request": "true" } });
  } catch {
    return hide();
  }
  if (nth !== latest || !answer.ok || !typed()) return;
  const shown = list() ?? made(field.closest("[data-mentioning]").dataset.colleagues);
  shown.innerHTML = await answer.text();
  const box = field.getBoundingClientRect();
  shown.hidden = shown.childElementCount === 0;
  shown.style.left = `${Math.max(8, Math.min(box.left, innerWidth - shown.offsetWidth - 8)) + scrollX}px`;
  shown.style.top = `${box.bottom + scrollY + 4}px`;
  const first = options()[0];
  if (first) select(first);
}

function choose(option) {
  const found = typed();
  const { id, name } = option.dataset;
  if (found) {
    const end = field.selectionStart;
    const begin = end - found[2].length - 1;
    field.setRangeText(`@${name} `, begin, end, "end");
  }
  mention(field.form, id, name);
  hide();
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Add somebody to whom a form mentions. */
function mention(form, id, name) {
  const chips = form.querySelector("[data-mentions]");
  if (!chips || chips.querySelector(`input[value="${CSS.escape(id)}"]`)) return;
  const chip = form.querySelector("template[data-mention]").content.firstElementChild.cloneNode(true);
  chip.querySelector("input").value = id;
  chip.querySelector("span").textContent = `@${name}`;
  chip.dataset.name = name;
  chips.append(chip);
}
document.addEventListener("genjin:mention", (event) => mention(event.target, event.detail.id, event.detail.name));

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("textarea") || !input.closest("[data-mentioning]")) return;
  for (const chip of input.form.querySelectorAll("[data-mentions] [data-name]"))
    if (!input.value.includes(`@${chip.dataset.name}`)) chip.remove();
  if (event.isComposing) return;
  field = input;
  field.setAttribute("aria-controls", "colleagues");
  field.setAttribute("aria-autocomplete", "list");
  suggest();
});
document.addEventListener("compositionend", (event) => {
  if (event.target.closest?.("[data-mentioning]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener(
  "keydown",
  (event) => {
    const some = options();
    if (!some.length || event.target !== field || event.isComposing) return;
    const at = some.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") select(some[(at + (event.key === "ArrowDown" ? 1 : some.length - 1)) % some.length]);
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
      if (!asking) choose(some[at]);
      else asking.then(() => options().length && choose(options().find((each) => each.getAttribute("aria-selected") === "true")));
    }
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("#colleagues [role='option']");
  if (option) {
    event.preventDefault(); // the field keeps the focus
    choose(option);
  } else if (event.target !== field) hide();
});
document.addEventListener("focusout", (event) => {
  if (event.target === field) setTimeout(() => document.activeElement === field || hide(), 100);
});
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-mentions] input") && !event.target.checked) event.target.closest("li").remove();
});
