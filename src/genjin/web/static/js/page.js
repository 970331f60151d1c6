// What every page does: keys, menus, messages, progress. Nothing is needed to read or to write; it makes both quicker.

const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog[open]");

/** The entries of the page that j and k go through: whatever has data-entry. */
function step(by) {
  const entries = [...document.querySelectorAll("[data-entry]")];
  if (!entries.length) return;
  const at = entries.indexOf(document.activeElement?.closest("[data-entry]"));
  const next = entries[Math.min(entries.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : entries.length - 1) : at + by))];
  if (!next.hasAttribute("tabindex")) next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: "instant" });
}

/** n goes to what has data-new: a field is focused, a link or button is followed. */
function begin() {
  const target = document.querySelector("[data-new]");
  if (!target) return;
  if (target.matches("input, textarea")) target.focus();
  else target.click();
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  n: begin,
  "/": () => document.getElementById("find")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => menu.removeAttribute("open"));
    if (document.activeElement?.id === "find") document.activeElement.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.key === "Enter" && event.target.matches("[data-entry]")) {
    event.target.querySelector("a[data-open], a")?.click();
    return;
  }
  const does = keys[event.key];
  if (does) {
    event.preventDefault();
    does();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

// Suggestions under the search: arrows go through them.
document.getElementById("find")?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown") return;
  const first = document.querySelector("#found a");
  if (first) {
    event.preventDefault();
    first.focus();
  }
});
document.getElementById("found")?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...document.querySelectorAll("#found a")];
  const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  event.preventDefault();
  (next ?? document.getElementById("find")).focus();
});
document.getElementById("found")?.addEventListener("htmx:afterSwap", (event) => {
  document.getElementById("find").setAttribute("aria-expanded", String(event.target.childElementCount > 0));
});

// Messages go away by themselves; those of trouble stay for longer.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const node of addedNodes)
      if (node.nodeType === 1) setTimeout(() => node.remove(), node.classList.contains("bad") ? 12000 : 5000);
}).observe(document.getElementById("messages") ?? document.createElement("div"), { childList: true });

// What takes longer than a moment is seen to be going on.
const working = document.querySelector(".working");
let going = 0;
const show = (by) => {
  going = Math.max(0, going + by);
  clearTimeout(show.timer);
  if (!going) working.hidden = true;
  else show.timer = setTimeout(() => (working.hidden = going === 0), 300);
};
if (working) {
  document.addEventListener("htmx:beforeRequest", () => show(1));
  document.addEventListener("htmx:afterRequest", () => show(-1));
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("hx-post") && !event.target.hasAttribute("hx-get") && event.target.method !== "dialog") show(1);
  });
  window.addEventListener("pageshow", () => {
    going = 0;
    show(0);
  });
}

// A request that reached nobody: nothing that was typed is lost, and it is said.
document.addEventListener("htmx:sendError", () => {
  const offline = document.body.dataset.offline;
  if (!offline) return;
  const message = document.createElement("div");
  message.className = "message bad";
  message.textContent = offline;
  document.getElementById("messages").append(message);
});

// A language name, a theme: seen at once while it is chosen.
document.addEventListener("change", (event) => {
  if (event.target.name !== "theme") return;
  document.getElementById("dark").media = event.target.dataset.dark;
  document.documentElement.dataset.theme = event.target.value;
});

// Who signs out leaves nothing of what they typed in this browser.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") !== "/sign-out") return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("genjin-draft:")) localStorage.removeItem(key);
});
