// Runs both clients, each in a frame of its own, and shows what they log.
const setting = await fetch("setting.json").then((response) => response.json());
const { experiment, controls, clients } = setting;
const sections = document.querySelectorAll("section");
const frames = document.querySelector("#frames");

document.title = document.querySelector("h1").textContent = experiment;
document.querySelector("#controls").append(...controls.map(field));
for (const { dataset, children: [, select] } of sections) {
  select.append(...clients[dataset.side].map((name) => new Option(name)));
}
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  run();
};
document.querySelector("#stop").onclick = stop;

/** A control of the experiment, which is a parameter of its address. */
function field({ name, kind, default: value, min, max, unit = "", choices }) {
  const label = document.createElement("label");
  const input = document.createElement(kind === "choice" ? "select" : "input");
  input.name = name;
  if (choices) input.append(...choices.map((choice) => new Option(choice, choice, choice === value, choice === value)));
  if (kind === "number") Object.assign(input, { type: "number", min, max });
  if (kind === "switch") Object.assign(input, { type: "checkbox", checked: value === "on" });
  else input.value = value;
  label.append(`${name} `, input, ` ${unit}`);
  return label;
}

/** What a control is set to: as the address has it, and as a program has it. */
function valueOf({ name, kind }) {
  const input = document.forms[0].elements[name];
  switch (kind) {
    case "number": return [input.value, Number(input.value)];
    case "switch": return [input.checked ? "on" : "off", input.checked];
  }
  return [input.value, input.value];
}

async function run() {
  stop();
  const query = new URLSearchParams({ run: crypto.randomUUID() });
  const values = {};
  for (const control of controls) {
    const [text, value] = valueOf(control);
    query.set(control.name, text);
    values[control.name] = value;
  }
  const address = (to) => new URL(`/play/${experiment}/${to}?${query}`, location).href;
  if (setting.visits) await fetch(address("visit"), { method: "POST" });

  const origin = setting.origins ? await originOf(values.origin) : location.origin;
  for (const { dataset: { side }, children: [, select] } of sections) {
    const frame = document.createElement("iframe");
    if (origin === "null") frame.sandbox = "allow-scripts";
    frame.name = side;
    const to = setting.polls?.includes(select.value) ? "poll" : side;
    const url = to === "ws" ? address("ws").replace(/^http/, "ws") : address(to);
    const hash = JSON.stringify({ url, sendUrl: address("send"), controls: values, client: select.value });
    frame.src = `${origin === "null" ? location.origin : origin}/frame.html#${encodeURIComponent(hash)}`;
    frames.append(frame);
  }
}

function stop() {
  frames.replaceChildren();
  waiting = [];
  active = undefined;
  for (const { children: [, , log] } of sections) log.textContent = "";
}

/** Where the programs of an experiment about origins come from. */
async function originOf(choice) {
  if (choice === "own" || choice === "null") return choice === "own" ? location.origin : "null";
  const other = new URL(location.origin);
  other.port = await fetch("/foreign").then((response) => response.text());
  // To a browser these are two sites.
  if (choice === "site") other.hostname = other.hostname === "localhost" ? "127.0.0.1" : "localhost";
  return other.origin;
}

// Programs that measure take turns, so as not to disturb each other.
let waiting = [];
let active;

addEventListener("message", ({ source, data }) => {
  const frame = [...frames.children].find(({ contentWindow }) => contentWindow === source);
  if (!frame) return;
  if (data.line !== undefined) {
    const log = document.querySelector(`[data-side="${frame.name}"] pre`);
    log.append(`${data.line}\n`);
    log.scrollTop = log.scrollHeight;
  } else {
    if (active === source) active = undefined;
    if (data.turn) waiting.push(source);
    if (!active) {
      active = waiting.shift();
      active?.postMessage("turn", "*");
    }
  }
});
