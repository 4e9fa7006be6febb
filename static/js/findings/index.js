// @ts-check
// What the timeline says of each experiment's runs. They are fetched when a
// run has something to say; a new experiment is a line here.

/** @type {Record<string, () => Promise<{findings: (run: import("./finding.js").Run) => import("./finding.js").Finding[]}>>} */
export const findings = {
  chat: () => import("./chat.js"),
  framing: () => import("./framing.js"),
  oneway: () => import("./oneway.js"),
  reconnect: () => import("./reconnect.js"),
};
