// Voice notes: the microphone is asked for when the button is pressed; what is not kept is never sent.

const MOST_SECONDS = 600;
const kinds = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

function begin(recorder) {
  if (recorder.dataset.ready || !window.MediaRecorder || !navigator.mediaDevices) return;
  recorder.dataset.ready = "1";
  recorder.hidden = false;
  const find = (name) => recorder.querySelector(`[data-${name}]`);
  const kind = kinds.find((each) => MediaRecorder.isTypeSupported(each));
  let media, since, timer, keep;

  const stop = (kept) => {
    keep = kept;
    if (media?.state === "recording") media.stop();
  };
  const seconds = () => Math.floor((Date.now() - since) / 1000);
  const tick = () => {
    find("length").textContent = `${Math.floor(seconds() / 60)}:${String(seconds() % 60).padStart(2, "0")}`;
    if (seconds() >= MOST_SECONDS) stop(true);
  };

  find("start").addEventListener("click", async () => {
    find("refused").hidden = true;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      find("refused").hidden = false;
      return;
    }
    const parts = [];
    media = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    media.addEventListener("dataavailable", (event) => parts.push(event.data));
    media.addEventListener("stop", () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      find("recording").hidden = true;
      find("start").hidden = false;
      if (!keep) return;
      const type = media.mimeType.split(";")[0];
      const made = new Date().toLocaleString("sv").slice(0, 16).replace(":", "-");
      const file = new File(parts, `${recorder.dataset.name ?? "voice"} ${made}.${type.split("/")[1]}`, { type });
      recorder.closest("form").dispatchEvent(new CustomEvent("genjin:file", { bubbles: true, detail: { file, field: "audio_ids" } }));
    });
    media.addEventListener("start", () => {
      since = Date.now(); // from when on it hears
      tick();
      timer = setInterval(tick, 250);
    });
    find("length").textContent = "0:00";
    media.start();
    find("start").hidden = true;
    find("recording").hidden = false;
    find("keep").focus();
  });
  find("keep").addEventListener("click", () => stop(true));
  find("discard").addEventListener("click", () => stop(false));
}

const beginAll = (within) => within.querySelectorAll?.("[data-recorder]").forEach(begin);
document.addEventListener("htmx:load", (event) => beginAll(event.target));
beginAll(document);
