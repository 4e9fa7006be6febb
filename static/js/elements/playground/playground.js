// @ts-check
import { changed, controlsIn, quoted, runAddress, withControls } from "../../lib/address.js";
import { Capture } from "../../lib/capture.js";
import { copy } from "../../lib/clipboard.js";
import { moduleWithWords } from "../../lib/experiment.js";
import { experimentRun } from "../../lib/experimentrun.js";
import { outcomeIn, outcomeOf } from "../../lib/outcome.js";
import { deciding } from "../../lib/finding.js";
import { define } from "../../lib/lazy.js";
import { keepFindings } from "../../lib/keptfindings.js";
import { keepRun, takeRun } from "../../lib/keptrun.js";
import { now } from "../../lib/live.js";
import { setStarted } from "../../lib/progress.js";
import { Runner } from "../../lib/runner.js";
import { element } from "../../lib/dom.js";
import { word } from "../../lib/words.js";
import { Controls } from "./controls.js";
import { Findings } from "./findings.js";
import { Log } from "./log.js";
import { tabs } from "./tablist.js";

/**
 * @typedef {import("../../lib/sandbox.js").Report} Report
 * @typedef {import("../../lib/runner.js").Side} Side
 * @typedef {import("../../lib/finding.js").Finding} Finding
 * @typedef {import("../code/code.js").Code} Code
 * @typedef {import("../../lib/address.js").Values} Values
 * @typedef {{capture: Capture, reports: Report[], started: number, controls: import("../../lib/address.js").Values, ended?: number}} Run
 */

/** The shortest time between two drawings, in ms. */
const drawEvery = 80;

/** For so long after Run, in ms, a press is still that one. */
const samePress = 400;

/** @type {Side[]} */
const bothSides = ["sse", "ws"];

/**
 * One experiment over both protocols: run, stop, change, watch.
 *
 * Usage: see the component `Playground` of package view.
 *
 * On the document it fires "seewire-capture" with the ID under which it watches,
 * "seewire-reports" with what the programs say, "seewire-ran" when a run has
 * ended, and "seewire-found" with what it has shown, again once more of it has come.
 */
export class Playground extends HTMLElement {
  /** @type {Runner} */
  #runner = new Runner(this, word("playground.sandbox"));
  #controls = new Controls(this.#part("controls"));
  #log = new Log(this.#part("log"), (report) => this.#showPlace(report));
  #findings = new Findings(this.#part("step"), (finding) => this.#showFinding(finding));
  /** The program that runs on each side: the one whose tab was chosen last. @type {Record<Side, Code>} */
  #programs = {
    sse: /** @type {Code} */ (this.querySelector("section[data-side=sse] seewire-code")),
    ws: /** @type {Code} */ (this.querySelector("section[data-side=ws] seewire-code")),
  };
  /** Which programs the control "program" names. */
  #named = 0;
  /** What the timeline and the frames show. */
  #shown = /** @type {Run} */ ({ capture: new Capture(), reports: [], started: 0, controls: {} });
  /** Makes findings of a run, once it is there. @type {((run: any) => any[]) | undefined} */
  #find;
  /** How many lines of the server's log are under the sides. */
  #logged = 0;
  #drawing = false;
  #ready = false;
  /** When Run was pressed. */
  #pressed = 0;
  /** Why the run ended that the page before this one has made; "" where none is shown. */
  #kept = "";
  /** What is chosen. @type {import("../timeline/timeline.js").Moment | undefined} */
  #moment;
  /** The link of the lesson that has chosen what is shown. @type {Element | undefined} */
  #link;

  connectedCallback() {
    if (this.#ready) return;
    this.#ready = true;
    this.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("click", (event) => this.#linked(event));
    document.addEventListener("seewire-leave", (event) => this.#keep(event));
    const form = /** @type {HTMLFormElement} */ (this.#part("controls"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run(bothSides);
    });
    form.addEventListener("input", () => this.#changedControls());
    for (const side of bothSides) {
      tabs(/** @type {Element} */ (this.querySelector(`section[data-side="${side}"] [role=tablist]`)), (panel) => {
        const code = /** @type {Code | null} */ (panel.querySelector("seewire-code"));
        if (code && !code.dataset.beside) this.#programs[side] = code;
      });
    }
    tabs(this.#part("decks"), ({ id }) => {
      this.#part("deck").dataset.shows = id;
      this.#log.reveal();
    });
    this.#choosePrograms();

    // What is chosen in one place is chosen in all: the frames know it first.
    this.#timeline.addEventListener("select", (/** @type {CustomEvent} */ { detail }) => {
      this.#openDeck("frames");
      if ("word" in detail) this.#showFinding(detail);
      else this.#showPart(detail);
    });
    this.#timeline.addEventListener("enter", () => this.#frames.focusBytes?.());
    // Pictures over each other have one axis and one line of time.
    this.#timeline.addEventListener("drawn", () => this.#picture?.overTime && this.#showPicture());
    this.#picture?.addEventListener("select", (/** @type {CustomEvent} */ { detail }) => {
      this.#openDeck("frames");
      if ("after" in detail) this.#showLogged(detail);
      else this.#showPart(detail);
    });
    this.#part("log").addEventListener("choose", (/** @type {CustomEvent} */ { detail }) => this.#showLogged(detail));
    this.#frames.addEventListener("chosen", (/** @type {CustomEvent} */ { detail }) => this.#sayChosen(detail));

    this.#runner.addEventListener("capture", () => this.#sayCapture());
    this.#runner.addEventListener("feed", () => this.#sayFeed());
    this.#runner.addEventListener("state", () => this.#sayState());
    this.#runner.addEventListener("reports", (event) => this.#received(/** @type {CustomEvent} */ (event).detail));

    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.querySelectorAll("button[disabled]"))) {
      button.disabled = false;
    }
    this.#sayCapture();
    this.#sayState();
    this.#watchWhenSeen();
    if (askedToRun()) this.run(bothSides);
    else this.#showEarlier();
  }

  /**
   * Runs sides with the controls as they are.
   * @param {Side[]} sides
   */
  async run(sides) {
    const wrong = this.#controls.check();
    if (wrong) {
      wrong.closest("details")?.setAttribute("open", "");
      wrong.focus();
      return;
    }
    this.#pressed = performance.now();
    const { values, defaults } = this.#controls;
    if (!(await this.#reaches(values))) return;
    const programs = sides.flatMap((side) => [this.#programs[side], ...this.#beside(side)].map((code) => ({ side, code })));
    for (const { code } of programs) code.mark(0);
    const run = experimentRun({
      experiment: this.dataset.experiment ?? "",
      server: this.#serverFor(values),
      values: changed(values, defaults),
      controls: this.#controls.typedOf(values),
      programs: programs.map(({ side, code }) => ({ side, code: code.value, beside: code.dataset.beside })),
    });
    await this.#runner.run(run.programs, run.wishes);
  }

  /**
   * Runs both sides with controls as the lesson sets them, but for some.
   * @param {Values} values
   */
  runWith(values) {
    this.#controls.set({ ...this.#controls.initial, ...values });
    this.#changedControls();
    return this.run(bothSides);
  }

  /** Ends the run. */
  stop() {
    this.#runner.stop();
  }

  /** Brings back what the lesson began with: controls and programs. */
  reset() {
    this.#controls.set(this.#controls.initial);
    this.#changedControls();
    for (const code of /** @type {NodeListOf<Code>} */ (this.querySelectorAll("seewire-code"))) code.restore();
    this.#say("playground.status.reset");
  }

  /** The run that is shown, but for its capture: what the server can't record. */
  get recording() {
    const { reports, started, controls } = this.#shown;
    return { reports, started, controls };
  }

  /** What others may see of the run that is shown; undefined before the first. */
  get exhibit() {
    if (this.#runner.started === 0) return undefined;
    const { sse, ws } = this.#programs;
    const { capture, reports } = this.#shown;
    return { capture, code: { sse: sse.value, ws: ws.value }, reports, started: beginOf(this.#shown), findings: this.#findingsOf(this.#shown) };
  }

  // --- what the learner does ---

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("button");
    switch (button?.dataset.action) {
      case "run-side":
        return this.run([/** @type {Side} */ (button.closest("section")?.dataset.side)]);
      case "stop":
        if (performance.now() - this.#pressed < samePress) return;
        return this.stop();
      case "reset":
        return this.reset();
      case "copy": {
        const command = button.closest(".command")?.querySelector("code")?.textContent ?? "";
        this.#runner.watch();
        return copy(command, button, this.#part("copied"));
      }
    }
  }

  /**
   * Links of the lesson's text into the playground.
   * @param {MouseEvent} event
   */
  #linked(event) {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-run], a[data-field]"));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.run !== undefined) {
      event.preventDefault();
      const { top } = this.getBoundingClientRect();
      if (top < 0 || top > innerHeight / 3) this.scrollIntoView();
      this.#action("run").focus({ preventScroll: true });
      this.runWith(controlsIn(link.dataset.run, this.#controls.initial));
    } else if (this.#frames.has?.(link.dataset.field ?? "")) {
      // Where the capture has no such field, the link leads to its explanation.
      event.preventDefault();
      this.#openDeck("frames");
      this.#findings.open();
      this.#frames.select(link.dataset.field);
      this.#link = link;
      this.#sayLink();
      this.#part("deck").scrollIntoView({ block: "nearest" });
    }
  }

  /** @param {string} name */
  #openDeck(name) {
    const tab = /** @type {HTMLElement} */ (this.querySelector(`#tab-${name}`));
    if (tab.getAttribute("aria-selected") !== "true") tab.click();
  }

  #changedControls() {
    this.#choosePrograms();
    if (this.#controls.check()) return;
    const search = withControls(location.search, this.#controls.values, this.#controls.initial);
    history.replaceState(history.state, "", location.pathname + search + location.hash);
    this.#sayCommands();
  }

  /** Opens the programs that the control "program" names, when it names others. */
  #choosePrograms() {
    const named = /** @type {HTMLSelectElement | null} */ (this.querySelector("[name=program]"))?.selectedIndex ?? 0;
    if (named === this.#named) return;
    this.#named = named;
    for (const list of this.querySelectorAll("[data-side] > [role=tablist]")) /** @type {HTMLElement} */ (list.children[named]).click();
  }

  /**
   * Shows where in a program an error was.
   * @param {Report} report
   */
  #showPlace({ side, beside, line, column }) {
    this.#openDeck("code");
    const code = this.#programOf(side, beside);
    const panel = code.closest("[role=tabpanel]");
    document.getElementById(panel?.getAttribute("aria-labelledby") ?? "")?.click();
    code.focusAt(line, column);
  }

  // --- what the run does ---

  /** @param {{side: Side, reports: Report[], dropped: number}} batch */
  #received({ side, reports, dropped }) {
    this.#log.add(reports, dropped, side);
    const thrown = reports.find((report) => report.kind === "throw");
    if (thrown?.line) this.#programOf(side, thrown.beside).mark(thrown.line);
    document.dispatchEvent(new CustomEvent("seewire-reports", { detail: { side, reports } }));
    this.#draw();
  }

  #sayState() {
    const { state, reason, capture, started, reports } = this.#runner;
    const busy = state === "starting" || state === "running";
    const left = this.#action(busy ? "run" : "stop") === document.activeElement;
    this.dataset.state = state;
    if (left) this.#action(busy ? "stop" : "run").focus({ preventScroll: true });
    // What a run has shown stays until another has really begun.
    if (state === "running" && this.#shown.started !== started) {
      this.#log.clear(started);
      this.#show({ capture, reports, started, controls: this.#controls.values });
    }
    if (state === "idle") this.#say("playground.status.before");
    else if (state === "ended") this.#say(`playground.status.${reason}`);
    else this.#say(`playground.status.${this.#runner.late ? "late" : state}`);
    this.#part("status").toggleAttribute("data-trouble", state === "ended" && !["done", "stopped", "limit"].includes(reason));
    if (state === "ended" && started > 0 && started === this.#shown.started) {
      this.#shown.ended ??= now();
      this.#log.drawNow();
      setStarted(document.body.dataset.lesson ?? "");
      this.#sayEnd();
      document.dispatchEvent(new Event("seewire-ran"));
    }
    this.#draw();
  }

  #sayCapture() {
    const { id } = this.#runner;
    this.#part("capture").textContent = id;
    for (const link of this.#part("files").querySelectorAll("a")) {
      link.href = link.href.replace(/captures\/[\w-]+/, `captures/${id}`);
    }
    document.dispatchEvent(new CustomEvent("seewire-capture", { detail: id }));
    this.#sayCommands();
    // Show connections from a terminal as they come.
    const { capture } = this.#runner;
    capture.addEventListener("change", () => {
      if (capture.connections.size === 0 || this.#shown.capture === capture) return;
      if (this.#runner.state === "starting") return; // of the run that is about to begin
      this.#log.clear(0);
      if (this.#runner.state === "idle") this.#say("playground.status.before");
      this.#show({ capture, reports: [], started: 0, controls: {} });
    });
  }

  #sayFeed() {
    const { feed } = this.#runner;
    this.#part("watching").textContent = feed && word(`playground.feed.${feed}`);
    this.#part("watching").dataset.state = feed;
  }

  #sayCommands() {
    const { values, defaults } = this.#controls;
    const given = changed(values, defaults);
    const experiment = this.dataset.experiment ?? "";
    const server = this.#serverFor(values);
    const address = (/** @type {Side} */ side) => quoted(runAddress(server, experiment, side, given, this.#runner.id));
    // What the site has made its certificate itself for, is not checked.
    const own = this.#reachability && server.startsWith("https");
    this.#command("sse").textContent = `curl -N ${own ? "-k " : ""}${address("sse")}`;
    this.#command("ws").textContent = `npx wscat ${own ? "-n " : ""}-c ${address("ws")}`;
  }

  /** What a run connects to. @param {Values} values */
  #serverFor({ over }) {
    return this.#reachability?.dataset[over] || location.origin;
  }

  /** Whether the browser lets this page connect there; if not, what to do is shown. @param {Values} values */
  async #reaches({ over }) {
    if (!this.#reachability) return true;
    await define("seewire-reachability");
    if (await this.#reachability.reaches(over)) return true;
    this.#reachability.focus();
    this.#say("playground.status.unreachable");
    return false;
  }

  /** @param {string} key */
  #say(key) {
    const status = this.#part("status");
    const text = word(key);
    if (status.textContent !== text) status.textContent = text;
  }

  // --- what is shown of it ---

  /**
   * @param {Run} shown
   * @param {boolean} [recorded] whether it is the experiment's recording
   */
  async #show(shown, recorded = false) {
    this.#shown = shown;
    this.#logged = 0;
    shown.capture.addEventListener("change", () => {
      if (this.#shown === shown) this.#draw();
    });
    this.#findings.show([]);
    for (const shows of [this.#frames, this.#timeline]) shows.toggleAttribute("recorded", recorded);
    this.#frames.capture = shown.capture;
    this.#frames.started = shown.started;
    if (recorded) this.#frames.selectFirst();
    this.#draw();
    if (!this.#picture) return;
    await define("seewire-picture");
    if (this.#shown === shown) this.#draw();
  }

  /** Draws soon, and once for all that happens until then. */
  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(() => {
      const running = this.#runner.state === "running";
      this.#showPicture();
      if (running && this.#picture?.drawsAlone) {
        this.#drawing = false;
        return;
      }
      const findings = this.#findingsOf(this.#shown);
      this.#drawing = false;
      const { capture, reports, ended } = this.#shown;
      const started = beginOf(this.#shown);
      this.#sayLog();
      this.#timeline.show?.({ capture, reports, started, running, findings, ended });
      if (!this.#frames.hasAttribute("recorded")) this.#findings.show(findings);
      if ("reports" in this.#frames) this.#frames.reports = reports;
      for (const side of bothSides) this.#sayOutcome(side);
    }, drawEvery);
  }

  /** What the server's code said goes under its side. */
  #sayLog() {
    const { log, clockOffset } = this.#shown.capture;
    if (log.length < this.#logged) this.#logged = 0; // the feed starts over
    const news = log.slice(this.#logged);
    this.#logged = log.length;
    if (news.length > 0) this.#log.addServer(news, clockOffset, beginOf(this.#shown));
  }

  #showPicture() {
    const running = this.#runner.state === "running";
    const { capture, reports, started: ran, ended, controls } = this.#shown;
    const recorded = this.#frames.hasAttribute("recorded");
    const started = beginOf(this.#shown);
    const run = { capture, reports, started, ended, ran: ran > 0 && !recorded, running, controls: this.#controls.typedOf(controls) };
    this.#picture?.show?.({ ...run, moment: this.#moment, scale: this.#timeline.scale });
  }

  /**
   * What the lesson asks about. Until the module is there the timeline still
   * shows what happened.
   * @param {Run} run
   */
  #findingsOf({ capture, reports, started: ran, controls, ended }) {
    const started = beginOf({ capture, started: ran });
    if (started === 0) return [];
    if (!this.#find) {
      this.#loadFindings().then(() => this.#draw());
      return [];
    }
    return this.#find({ capture, reports, started, ended, controls: this.#controls.typedOf(controls) });
  }

  async #loadFindings() {
    const { findings } = await moduleWithWords(this.dataset.module ?? "", `finding.${this.dataset.experiment}`);
    this.#find = findings;
  }

  /** What this run has shown is there for the lesson that asks about all of them; and the frame that decides is chosen. */
  async #sayEnd() {
    const run = this.#shown;
    await this.#loadFindings();
    const found = this.#findingsOf(run);
    keepFindings(this.dataset.experiment ?? "", run.started, found);
    document.dispatchEvent(new CustomEvent("seewire-found", { detail: { findings: found } }));
    await this.#runner.caughtUp();
    if (this.#shown !== run) return;
    // What was still on its way when the programs ended may be what came of it.
    const findings = this.#findingsOf(run);
    if (findings.length !== found.length) {
      keepFindings(this.dataset.experiment ?? "", run.started, findings);
      document.dispatchEvent(new CustomEvent("seewire-found", { detail: { findings } }));
    }
    this.#showDeciding();
  }

  /** Chooses what decides the lesson's question, while the reader has chosen nothing. */
  #showDeciding() {
    const findings = this.#findingsOf(this.#shown);
    const decides = deciding(findings);
    if (!this.#frames.following || !decides) return;
    this.#findings.show(findings);
    this.#showFinding(decides);
  }

  /** @param {Finding} finding */
  #showFinding(finding) {
    const { side, from, seen = from, field } = finding;
    this.#frames.selectNear?.({ side, at: seen, field });
    this.#findings.choose(finding);
    this.#timeline.choose?.(this.#moment, finding);
  }

  /** Shows bytes by their place, or else what went over the wire at a moment. @param {any} part */
  #showPart(part) {
    if ("connection" in part) this.#frames.select?.(part);
    else this.#frames.selectNear?.(part);
  }

  /** @param {{side: Side, at: number, after?: Report}} line of the log */
  #showLogged({ side, at, after }) {
    const point = after && this.#timeline.pointOf?.(after);
    if (point) this.#frames.select?.({ connection: point.connection, from: point.from, offset: point.offset });
    else this.#frames.selectNear?.({ side, at });
  }

  /** @param {any} chosen what the frames have told; undefined while they follow the newest */
  #sayChosen(chosen) {
    this.#link = undefined;
    this.#sayLink();
    const { row, side, at } = chosen ?? {};
    this.#moment = row && { side, at, connection: row.connection, from: row.from, offset: row.offset, stream: row.frames[0]?.stream };
    this.#findings.at(row && { side, at });
    this.#timeline.choose?.(this.#moment, this.#findings.chosen);
    this.#log.choose(row && { side, at, report: this.#timeline.pointIn?.(side, row)?.report });
    if (row) this.#part("announced").textContent = `${word(`side.${side}`)} · ${this.#frames.said}`;
  }

  #sayLink() {
    document.querySelector("a[data-field][data-on]")?.removeAttribute("data-on");
    this.#link?.setAttribute("data-on", this.#moment?.side ?? "");
  }

  /** @param {Side} side */
  #sayOutcome(side) {
    const { reports, capture } = this.#shown;
    const own = reports.filter((report) => report.side === side && !report.beside);
    const { state, started } = this.#runner;
    const goesOn = state === "running" && started === this.#shown.started;
    const outcome = outcomeIn(capture, side, outcomeOf(own, !goesOn && (state !== "idle" || this.#kept !== "") && own.length > 0));
    const text = outcome ? word(outcome.word, outcome.args) : "";
    const place = /** @type {HTMLElement} */ (this.querySelector(`section[data-side="${side}"] [data-part=outcome]`));
    place.toggleAttribute("data-trouble", Boolean(outcome?.trouble));
    if (place.lastChild?.textContent === text) return;
    // A screen reader is told the text alone: which side it is of belongs to it.
    place.replaceChildren(...(text ? [element("span", "visually-hidden", `${word(`side.${side}`)}: `), text] : []));
  }

  /** Keeps the run that is shown for the page that comes in this one's place. @param {Event} event */
  #keep(event) {
    if (this.#shown.started === 0 || this.#frames.hasAttribute("recorded")) return;
    const { state, reason } = this.#runner;
    const kept = keepRun(this.dataset.experiment ?? "", { ...this.#shown, ended: this.#shown.ended ?? now() }, state === "running" ? "stopped" : reason || this.#kept);
    if (!kept) event.preventDefault();
  }

  /** Before the first run: that of the page before this one, else the recorded one. */
  async #showEarlier() {
    const kept = await takeRun(this.dataset.experiment ?? "");
    if (!kept) return this.#showRecorded();
    const { run, reason } = kept;
    if (this.#runner.state !== "idle" || this.#shown.capture.connections.size > 0) return;
    this.#kept = reason;
    this.#show(run);
    this.#showReports(run);
    this.#say(`playground.status.${reason}`);
    document.dispatchEvent(new Event("seewire-ran"));
    await this.#loadFindings();
    if (this.#shown === run) this.#showDeciding();
  }

  /** What the programs of an earlier run said. @param {Run} run */
  #showReports({ reports, started }) {
    this.#log.clear(started);
    for (const side of bothSides) this.#log.add(reports.filter((report) => report.side === side), 0, side);
  }

  /** Shows the experiment's recording, before the first run. */
  async #showRecorded() {
    const recorded = await this.#recorded();
    if (this.#runner.state !== "idle" || this.#shown.capture.connections.size > 0) return;
    if (!recorded) return this.#show(this.#shown);
    const capture = new Capture();
    capture.apply(recorded.capture);
    this.#show({ ...recorded, capture }, true);
    this.#showReports(recorded);
    this.#say("playground.status.recorded");
  }

  /** The lesson's recorded run, or undefined where it has none. */
  async #recorded() {
    const address = this.dataset.recorded;
    if (!address || this.#runner.state !== "idle") return undefined;
    const response = await fetch(address).catch(() => undefined);
    return response?.ok ? response.json() : undefined;
  }

  /** Opens the live feed, which costs the server a connection, when the playground scrolls near. */
  #watchWhenSeen() {
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        seen.disconnect();
        this.#runner.watch();
        if (this.#reachability) define("seewire-reachability"); // it is hidden, and would never come near by itself
      },
      { rootMargin: "200px" },
    );
    seen.observe(this);
    for (const terminal of document.querySelectorAll("seewire-terminal")) seen.observe(terminal);
  }

  // --- parts ---

  /** @param {string} name @returns {any} */
  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  /** @param {string} name */
  #action(name) {
    return /** @type {HTMLButtonElement} */ (this.querySelector(`[data-action="${name}"]`));
  }

  /** The programs that run beside the one that was chosen. @param {Side} side @returns {Code[]} */
  #beside(side) {
    return [...this.querySelectorAll(`section[data-side="${side}"] seewire-code[data-beside]`)].map((code) => /** @type {Code} */ (code));
  }

  /** @param {Side} side @param {string} [beside] */
  #programOf(side, beside) {
    return this.#beside(side).find(({ dataset }) => dataset.beside === beside) ?? this.#programs[side];
  }

  /** @param {Side} side @returns {HTMLElement} */
  #command(side) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-command="${side}"]`));
  }

  /** @returns {import("../reachability/reachability.js").Reachability | null} */
  get #reachability() {
    return this.querySelector("seewire-reachability");
  }

  /** @returns {any} */
  get #frames() {
    return this.querySelector("seewire-frames");
  }

  /** Where the experiment has one. @returns {any} */
  get #picture() {
    return this.querySelector("seewire-picture");
  }

  /** @returns {any} */
  get #timeline() {
    return this.querySelector("seewire-timeline");
  }
}

/**
 * Whether the page's address asks for a run at once, as links of other lessons
 * do. It asks once: a reload shows the page.
 */
function askedToRun() {
  const query = new URLSearchParams(location.search);
  if (query.get("run") !== "now") return false;
  query.delete("run");
  const search = query.toString();
  history.replaceState(history.state, "", location.pathname + (search && "?" + search) + location.hash);
  return true;
}

/**
 * The start of the times that are shown: the start of the run, or for a capture
 * without one (from a terminal) its first byte; 0 while there is none.
 * @param {Pick<Run, "capture"|"started">} shown
 */
function beginOf({ capture, started }) {
  if (started > 0) return started;
  const first = [...capture.connections.values()].map(({ segments }) => segments[0]?.time ?? Infinity);
  const time = Math.min(...first);
  return time === Infinity ? 0 : time - capture.clockOffset;
}
