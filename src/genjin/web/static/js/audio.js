// Recordings: play and pause, a position to seek in, the speed, and the wave, which is drawn when one is played first.
// Without this a recording has the browser's own controls.

const SPEEDS = [1, 1.5, 2];
const BARS = 96;
const MOST_BYTES = 12 * 1024 * 1024; // of what is decoded to draw its wave
const icons = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
const waves = new WeakMap();

const clock = (seconds) => {
  const whole = Math.max(0, Math.round(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

function make(tag, className, settings = {}) {
  return Object.assign(document.createElement(tag), { className, ...settings });
}

/** How loud the recording is, in BARS parts, 0 to 1. */
async function loudness(url) {
  const answer = await fetch(url);
  if (!answer.ok || Number(answer.headers.get("content-length")) > MOST_BYTES) return null;
  const context = new OfflineAudioContext(1, 1, 8000);
  const sound = (await context.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
  const size = Math.max(1, Math.floor(sound.length / BARS));
  const parts = Array.from({ length: BARS }, (_, nth) => {
    let sum = 0;
    for (let at = nth * size; at < (nth + 1) * size && at < sound.length; at += 4) sum += sound[at] * sound[at];
    return Math.sqrt((sum * 4) / size);
  });
  const most = Math.max(...parts, 1e-6);
  return parts.map((part) => part / most);
}

/** Draw the wave, what was played in the accent's colour. Before it is known, a line. */
function draw(player) {
  const canvas = player.querySelector("canvas");
  const audio = player.querySelector("audio");
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width) return;
  const scale = devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(player);
  const played = (audio.currentTime / length(player)) * width || 0;
  const wave = waves.get(player);
  const bars = wave ?? Array(BARS).fill(0);
  const step = width / bars.length;
  bars.forEach((loud, nth) => {
    const tall = Math.max(2, loud * (height - 4));
    const left = nth * step;
    pen.fillStyle = style.getPropertyValue(left + step / 2 <= played ? "--accent" : "--wave");
    pen.fillRect(left, (height - tall) / 2, Math.max(1, step - (wave ? 1.5 : 0)), tall);
  });
}

const length = (player) => {
  const { duration } = player.querySelector("audio");
  return Number.isFinite(duration) && duration > 0 ? duration : Number(player.dataset.seconds) || 0;
};

function show(player) {
  const audio = player.querySelector("audio");
  const seek = player.querySelector("input");
  const total = length(player);
  seek.max = total || 1;
  seek.value = audio.currentTime;
  seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} / ${clock(total)}`);
  player.querySelector(".player-time").textContent = `${clock(audio.currentTime)} / ${clock(total)}`;
  draw(player);
}

function build(player) {
  if (player.querySelector("canvas")) return;
  const audio = player.querySelector("audio");
  const { play, pause, seek, speed, failed } = player.dataset;
  const button = make("button", "player-play", { type: "button", ariaLabel: play });
  button.append(icon("play"));
  const track = make("span", "player-track");
  const canvas = make("canvas", "");
  canvas.setAttribute("aria-hidden", "true");
  track.append(canvas, make("input", "", { type: "range", min: 0, max: 1, step: 0.1, value: 0, ariaLabel: seek }));
  const faster = make("button", "player-speed", { type: "button", ariaLabel: `${speed} 1×`, textContent: "1×" });
  audio.controls = false;
  audio.before(button, track, make("span", "player-time"), faster);
  player.classList.add("is-ours");
  show(player);

  button.addEventListener("click", () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
  track.lastChild.addEventListener("input", ({ target }) => {
    audio.currentTime = Number(target.value);
    show(player);
  });
  faster.addEventListener("click", () => {
    audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
    faster.textContent = `${audio.playbackRate}×`;
    faster.ariaLabel = `${speed} ${audio.playbackRate}×`;
  });
  const state = () => {
    button.replaceChildren(icon(audio.paused ? "play" : "pause"));
    button.ariaLabel = audio.paused ? play : pause;
    player.classList.toggle("is-playing", !audio.paused);
  };
  audio.addEventListener("play", () => {
    document.querySelectorAll("[data-player] audio").forEach((other) => other !== audio && other.pause());
    state();
    if (waves.has(player)) return;
    waves.set(player, null);
    loudness(audio.currentSrc)
      .then((wave) => waves.set(player, wave))
      .catch(() => {}) // it sounds without a picture
      .finally(() => draw(player));
  });
  audio.addEventListener("pause", state);
  audio.addEventListener("ended", () => (audio.currentTime = 0));
  for (const name of ["timeupdate", "loadedmetadata", "durationchange", "seeked"])
    audio.addEventListener(name, () => show(player));
  audio.addEventListener("error", () => {
    player.classList.add("is-broken");
    button.disabled = true;
    player.querySelector(".player-time").textContent = failed;
  });
}

const find = (root) => root.querySelectorAll?.("[data-player]").forEach(build);
find(document);
new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(find))).observe(document.body, {
  childList: true,
  subtree: true,
});
const again = () => document.querySelectorAll(".player.is-ours").forEach(draw);
addEventListener("resize", again);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
