// @ts-check
import { newCaptureID } from "./address.js";
import { Capture } from "./capture.js";
import { follow, now } from "./live.js";
import { Sandbox } from "./sandbox.js";

/** @typedef {import("./sandbox.js").Report} Report */
/** @typedef {"sse" | "ws"} Side */

/**
 * A program to run on one side; beside is the name of one that runs there beside the side's own.
 * @typedef {{side: Side, code: string, beside?: string, setting: (capture: string) => object}} Program
 */

/**
 * What a run wants beside its programs: where they come from (lib/origins.js),
 * what the page asks for itself before they start, and how long it may last, in ms.
 * @typedef {{origin?: string | null, visit?: (capture: string) => string, longest?: number}} Wishes
 */

/** The longest time that a run may take; the server has the same limit. */
const longestRun = 120_000; // ms

/**
 * A server that refuses connections for so long is reported as gone. For one that
 * has not answered in this time the run still waits, and says so.
 */
const patience = 5000; // ms

/** The wait for what is on its way when the last program has ended: close frames, FIN. */
const settling = 400; // ms

/** Watched for less than this, a capture that expires is an error and not an idle page. */
const leastWatched = 60_000; // ms

/** Reports that the page keeps; a run that makes more is told so. */
const kept = 20_000;

/**
 * A Runner runs the programs of both sides, one run at a time, each under a
 * capture of its own. It fires
 *
 *   "capture"  another capture is being followed
 *   "feed"     the state of its live feed has changed
 *   "reports"  reports came in: event.detail is {side, reports, dropped}
 *   "state"    the run has begun or ended
 */
export class Runner extends EventTarget {
  /** @type {"idle" | "starting" | "running" | "ended"} */
  state = "idle";

  /** Why the last run ended: "done", "stopped", "limit", or why it never began: "gone", "full", "frame". */
  reason = "";

  /** Whether it has been starting for long: the server has not answered yet. */
  late = false;

  /** When the programs were started, in epoch milliseconds on the browser's clock. */
  started = 0;

  /** @type {Report[]} */
  reports = [];

  /** How many reports were left out, because there were too many. */
  dropped = 0;

  /** The sides that are running. @type {Set<Side>} */
  running = new Set();

  /** The sides of the programs that have not ended. @type {Side[]} */
  #left = [];
  #id = newCaptureID();
  #capture = new Capture();
  /** @type {ReturnType<typeof follow> | undefined} */
  #feed;
  /** The frames that programs have run in, by their origins. @type {Map<string, Sandbox>} */
  #sandboxes = new Map();
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #limit;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #lateness;
  #parent;
  #title;

  /**
   * @param {Element} parent of the sandboxed frames
   * @param {string} title of the frame
   */
  constructor(parent, title) {
    super();
    this.#parent = parent;
    this.#title = title;
  }

  /** The ID of the capture that the next connection will be under. */
  get id() {
    return this.#id;
  }

  get capture() {
    return this.#capture;
  }

  /** The state of the live feed, or "" where nothing is followed yet. */
  get feed() {
    return this.#feed?.state ?? "";
  }

  /** Follows the capture, which shows every client that connects under its ID. */
  watch() {
    if (this.#feed) return;
    const since = now();
    this.#feed = follow(this.#id, this.#capture);
    this.#feed.addEventListener("state", () => {
      this.#fire("feed");
      if (this.feed === "expired" && now() - since > leastWatched) this.#watchAgain();
    });
    this.#fire("feed");
  }

  /** Ends what is running, and follows the capture no more: what came of it stays. */
  leave() {
    this.stop();
    this.#feed?.close();
    this.#feed = undefined;
  }

  /**
   * Goes on under another ID when nothing has come for so long that the server
   * has let the capture go. What is on the screen stays.
   */
  async #watchAgain() {
    await pageVisible();
    if (this.feed !== "expired" || this.state === "starting" || this.state === "running") return;
    this.#renew();
    this.watch();
  }

  /**
   * Runs programs; whatever still runs is stopped first.
   * @param {Program[]} programs
   * @param {Wishes} [wishes]
   */
  async run(programs, wishes = {}) {
    this.stop();
    this.reports = [];
    this.dropped = 0;
    // Each run has a capture of its own, so that its bytes are its alone.
    if (this.#capture.connections.size > 0 || ["expired", "full"].includes(this.feed)) this.#renew();
    this.watch();
    this.#feed?.resume();
    this.#becomes("starting");
    const { origin = "", visit, longest = longestRun } = wishes;
    const stops = (this.#stops = [() => {}]);
    if (origin === null) return this.#end("frame");
    const sandbox = this.#sandboxes.get(origin) ?? new Sandbox(this.#parent, this.#title, origin);
    this.#sandboxes.set(origin, sandbox);
    let failure = await this.#prepared(sandbox);
    if (failure && !sandbox.isReady) {
      sandbox.remove();
      this.#sandboxes.delete(origin);
    }
    // Where the server answers, the frame's own origin does not.
    if (failure === "frame" && !(origin && this.feed === "live")) failure = "gone";
    if (stops === this.#stops) this.started = now();
    if (!failure && visit && stops === this.#stops) {
      failure = await fetch(visit(this.#id), { method: "POST" }).then(() => "", () => "gone");
    }
    if (stops !== this.#stops) return; // stopped, or started anew, in the meantime
    if (failure) return this.#end(failure);

    this.running = new Set(programs.map((program) => program.side));
    this.#left = programs.map((program) => program.side);
    this.#stops.push(
      ...sandbox.start(programs.map(({ side, code, beside, setting }) => ({ code, setting: setting(this.#id), receive: (batch) => this.#receive({ side, beside }, batch) }))),
    );
    this.#limit = setTimeout(() => this.#end("limit"), longest);
    this.#becomes("running");
  }

  /**
   * Fulfilled when the capture has all that the server had recorded at the time
   * of the call, with that time.
   * @returns {Promise<number>}
   */
  caughtUp() {
    return this.#feed?.caughtUp() ?? new Promise(() => {});
  }

  /** Ends what is running, at once. */
  stop() {
    if (this.state === "starting" || this.state === "running") this.#end("stopped");
  }

  /**
   * Waits until the feed and the frame are there.
   * @param {Sandbox} sandbox
   * @returns {Promise<string>} why they are not there, or ""
   */
  async #prepared(sandbox) {
    try {
      await Promise.all([this.#feed?.live(patience), sandbox.ready]);
      return "";
    } catch (error) {
      return /** @type {Error} */ (error).message;
    }
  }

  #renew() {
    this.#feed?.close();
    this.#feed = undefined;
    this.#id = newCaptureID();
    this.#capture = new Capture();
    this.#fire("capture");
  }

  /**
   * @param {{side: Side, beside?: string}} whose
   * @param {{reports: Omit<Report, "side">[], dropped: number}} batch
   */
  #receive({ side, beside }, { reports, dropped }) {
    // The timeline has the side's own program: of another one here is what it says by itself.
    const wanted = beside ? reports.filter(({ kind }) => ["log", "report", "throw", "end"].includes(kind)) : reports;
    const marked = wanted.map((report) => /** @type {Report} */ ({ side, ...(beside && { beside }), ...report }));
    const room = Math.max(0, kept - this.reports.length);
    this.reports.push(...marked.slice(0, room));
    this.dropped += dropped + Math.max(0, marked.length - room);
    this.dispatchEvent(new CustomEvent("reports", { detail: { side, reports: marked, dropped } }));
    if (!marked.some((report) => report.kind === "end")) return;
    this.#left.splice(this.#left.indexOf(side), 1);
    if (!this.#left.includes(side)) this.running.delete(side);
    if (this.running.size === 0) this.#end("done", settling);
    else this.#fire("state");
  }

  /**
   * @param {string} reason
   * @param {number} [after] ms
   */
  #end(reason, after = 0) {
    for (const stop of this.#stops) stop();
    const stops = (this.#stops = /** @type {(() => void)[]} */ ([]));
    clearTimeout(this.#limit);
    const end = () => {
      if (stops !== this.#stops) return; // another run has begun
      this.running.clear();
      this.reason = reason;
      this.#becomes("ended");
    };
    if (after > 0) setTimeout(end, after);
    else end();
  }

  /** @param {Runner["state"]} state */
  #becomes(state) {
    clearTimeout(this.#lateness);
    this.late = false;
    if (state === "starting") {
      this.#lateness = setTimeout(() => {
        this.late = true;
        this.#fire("state");
      }, patience);
    }
    this.state = state;
    this.#fire("state");
  }

  /** @param {string} type */
  #fire(type) {
    this.dispatchEvent(new Event(type));
  }
}

/** Fulfilled when the page is visible. */
export async function pageVisible() {
  while (document.visibilityState !== "visible") {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}
