// Files are sent as soon as they are chosen, dropped or pasted, so that sending the form takes no time; what is sent
// stands in the form as a chip that the server makes. A file that does not arrive can be tried again.

const going = new WeakMap();

function count(form, by) {
  going.set(form, (going.get(form) ?? 0) + by);
  form.querySelector("[data-send]").disabled = going.get(form) > 0;
}

function line(file, list) {
  const item = document.createElement("li");
  item.className = "upload going";
  const about = document.createElement("span");
  about.className = "about";
  const name = document.createElement("span");
  name.className = "truncate";
  name.textContent = file.name;
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  about.append(name, progress);
  item.append(about);
  list.append(item);
  return { item, about, progress };
}

function button(words, does) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button small plain";
  made.textContent = words;
  made.addEventListener("click", does);
  return made;
}

function send(form, file, field) {
  const list = form.querySelector("[data-uploads]");
  if (!list) return;
  const { item, about, progress } = line(file, list);
  const body = new FormData();
  body.append("as", field);
  body.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", "/uploads");
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress.value = event.loaded / event.total;
  });
  const failed = (said) => {
    item.classList.add("failed");
    progress.remove();
    const why = document.createElement("span");
    why.className = "wrong";
    why.setAttribute("role", "alert");
    why.textContent = said;
    about.append(why);
    const { again, away } = form.closest("[data-composer]")?.dataset ?? {};
    item.append(
      button(again ?? "↻", () => {
        item.remove();
        send(form, file, field);
      }),
      button(away ?? "×", () => item.remove()),
    );
  };
  request.addEventListener("load", () => {
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const chip = answer.querySelector("[data-upload]");
    if (request.status === 200 && chip) {
      item.replaceWith(document.adoptNode(chip));
      form.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (request.getResponseHeader("HX-Redirect")) {
      location.href = request.getResponseHeader("HX-Redirect");
    } else failed(answer.body.textContent.trim() || document.body.dataset.offline);
  });
  request.addEventListener("error", () => failed(document.body.dataset.offline));
  request.addEventListener("loadend", () => count(form, -1));
  count(form, 1);
  request.send(body);
}

document.addEventListener("change", (event) => {
  const input = event.target;
  const form = input.closest?.("form[data-write]");
  if (!form || !input.matches("[data-file]")) return;
  for (const file of input.files) send(form, file, input.dataset.file);
  input.value = "";
});

document.addEventListener("genjin:file", (event) => send(event.target, event.detail.file, event.detail.field));

const field = (form) => form.querySelector("[data-file]")?.dataset.file;

document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form[data-write]");
  const files = [...(event.clipboardData?.files ?? [])];
  if (!form || !files.length || !field(form)) return;
  event.preventDefault();
  for (const file of files) send(form, file, field(form));
});

document.addEventListener("dragover", (event) => {
  const composer = event.target.closest?.("[data-composer]");
  if (!composer || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  composer.setAttribute("data-over", "");
});
for (const name of ["dragleave", "drop"])
  document.addEventListener(name, (event) => {
    const composer = event.target.closest?.("[data-composer]");
    if (composer && !composer.contains(event.relatedTarget)) composer.removeAttribute("data-over");
  });
document.addEventListener("drop", (event) => {
  const composer = event.target.closest?.("[data-composer]");
  if (!composer || !event.dataTransfer.files.length) return;
  event.preventDefault();
  composer.setAttribute("data-open", "");
  const form = event.target.closest("form[data-write]") ?? [...composer.querySelectorAll("form[data-write]")].find((each) => each.offsetParent);
  if (form && field(form)) for (const file of event.dataTransfer.files) send(form, file, field(form));
});

// What is not taken along is not shown either.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-upload] input[type='checkbox']") && !event.target.checked) {
    const form = event.target.form;
    event.target.closest("[data-upload]").remove();
    form?.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
