// What a client finds: url, sendUrl, controls, log, report and turn.
const { url, sendUrl, controls, client } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const tell = (message) => parent.postMessage(message, "*");
const text = (value) => (typeof value === "object" && !(value instanceof Error) ? JSON.stringify(value) : String(value));
const log = (...values) => tell({ line: values.map(text).join(" ") });
const report = log;

let begin;
addEventListener("message", ({ source, data }) => {
  if (source === parent && data === "turn") begin();
});
const turn = () =>
  new Promise((resume) => {
    begin = resume;
    tell({ turn: true });
  });

addEventListener("error", ({ message }) => log(message));
addEventListener("unhandledrejection", ({ reason }) => log(reason));
import(`/clients/${client}`).then(
  () => tell({ ended: true }),
  (error) => {
    log(error);
    tell({ ended: true });
  },
);
