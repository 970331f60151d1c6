// Pictures in full: a dialog with the ones of an entry, which arrow keys go through. Without this, links.

let dialog = null;
let pictures = [];
let at = 0;

function words() {
  return document.querySelector("[data-gallery-words]")?.dataset ?? {};
}

function button(name, label, text) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: `gallery-${name}`, ariaLabel: label, title: label, textContent: text });
  return made;
}

function build() {
  const { close = "Close", before = "Previous", next = "Next", save = "Save" } = words();
  dialog = document.createElement("dialog");
  dialog.className = "gallery";
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const link = Object.assign(document.createElement("a"), { textContent: save, download: "" });
  caption.append(document.createElement("span"), link);
  figure.append(document.createElement("img"), caption);
  dialog.append(button("before", before, "‹"), figure, button("next", next, "›"), button("close", close, "×"));
  document.body.append(dialog);
  dialog.addEventListener("click", ({ target }) => {
    if (target.matches(".gallery-before")) step(-1);
    else if (target.matches(".gallery-next")) step(1);
    else if (target.matches(".gallery-close") || target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) {
      event.preventDefault();
      step(by);
    }
  });
  let from = null;
  dialog.addEventListener("touchstart", ({ touches }) => (from = touches[0].clientX), { passive: true });
  dialog.addEventListener("touchend", ({ changedTouches }) => {
    const moved = changedTouches[0].clientX - from;
    if (Math.abs(moved) > 60) step(moved < 0 ? 1 : -1);
  });
  dialog.addEventListener("close", () => pictures[at]?.focus());
}

function step(by) {
  at = (at + by + pictures.length) % pictures.length;
  const picture = pictures[at];
  const image = dialog.querySelector("img");
  image.src = picture.href;
  image.alt = picture.dataset.name;
  const several = pictures.length > 1;
  dialog.querySelector("figcaption span").textContent =
    picture.dataset.name + (several ? `  ${at + 1} / ${pictures.length}` : "");
  dialog.querySelector("figcaption a").href = picture.href;
  dialog.ariaLabel = picture.dataset.name;
  dialog.classList.toggle("is-single", !several);
}

document.addEventListener("click", (event) => {
  const picture = event.target.closest("[data-picture]");
  if (!picture || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!dialog) build();
  pictures = [...picture.closest("[data-gallery]").querySelectorAll("[data-picture]")];
  at = pictures.indexOf(picture);
  step(0);
  dialog.showModal();
});
