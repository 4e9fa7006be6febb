// @ts-check
// The frame that holds a learner's programs. It has an opaque origin, or one at
// which there is nothing else: no cookies and no storage of the page's, no way to
// it but messages. Each program runs in a worker of its own, which can be ended
// whatever it is doing.
//
// The page sends {programs, behind}, with a port for each program; on the port
// it gets {reports, dropped} as they come, and says "stop".
//
// This is a classic script, after prelude.js: a module would have to pass CORS as
// origin "null".

(() => {
  /**
   * A program that has not returned for so many seconds of the processor's time is
   * in an endless loop: the first of them by the clock, the rest by the pacer.
   */
  const patience = 5;
  const doubt = 1;

  /**
   * What a pacer does, a worker that computes without a pause, as an endless loop
   * does: so it gets about as much of the processor, on a busy machine too. It
   * says when that was so many seconds. How long a round takes is what the
   * shortest one took, in which nothing else had its processor.
   */
  function pace(/** @type {number} */ seconds) {
    let shortest = Infinity;
    let sum = 0;
    for (let rounds = 1; ; rounds++) {
      const begun = performance.now();
      for (let i = 0; i < 2e6; i++) sum = (sum + i) % 1e9;
      shortest = Math.min(shortest, performance.now() - begun);
      if (rounds > 20 && rounds * shortest > seconds * 1000) break;
    }
    postMessage(sum); // which has to be computed, because it is said
  }

  const pacing = URL.createObjectURL(new Blob([`(${pace})(${patience - doubt})`], { type: "text/javascript" }));

  /** Programs that were started together ask for their first turn within so many milliseconds. */
  const together = 50;

  /**
   * Programs that ask for turns take them one after the other, so that one
   * which measures is not disturbed. Which is first is random; then they are in turn.
   */
  const turns = {
    /** Who has the turn, and who waits for it. @type {Worker | undefined} */
    now: undefined,
    /** @type {Worker[]} */
    waiting: [],

    /** @param {Worker} worker whose turn ends here, if it has it */
    ask(worker) {
      const had = this.now === worker;
      if (had) this.next(); // one that waits goes first
      this.waiting.push(worker);
      if (this.now) return;
      if (had) this.next();
      else setTimeout(() => !this.now && this.next(Math.floor(Math.random() * this.waiting.length)), together);
    },

    /** @param {Worker} worker that wants no more turns */
    leave(worker) {
      this.waiting = this.waiting.filter((other) => other !== worker);
      if (this.now === worker) this.next();
    },

    next(chosen = 0) {
      [this.now] = this.waiting.splice(chosen, 1);
      this.now?.postMessage("turn");
    },
  };

  /** A page that is to be frozen is so long hidden before, in ms. A browser waits for minutes. */
  const frozenAfter = 1000;

  /**
   * What a page is told of its own life, which a worker does not hear of: after so many
   * ms, and hold is for how many no code of it runs from then on.
   * @typedef {{type: "visibilitychange" | "freeze" | "resume", hidden: boolean, after?: number, hold?: number}} Moment
   */

  /**
   * Leaves the page and comes back, as the controls say. Where they say that the
   * learner does that, it is what really happens to the page.
   * @param {{away?: string, after?: number, gone?: number, moments?: string}} controls
   * @param {(moment: Moment) => void} tell the time is the worker's: a browser holds back the timers of a frame that is not to be seen
   */
  function leave({ away, after = 0, gone = 0, moments }, tell) {
    if (!away) return;
    if (away === "you") {
      for (const type of /** @type {const} */ (["visibilitychange", "freeze", "resume"])) {
        document.addEventListener(type, () => tell({ type, hidden: document.hidden }));
      }
      return;
    }
    // By surprise it is twice, each time for between half as long and as long as set.
    const surprise = moments === "surprise";
    const length = (/** @type {number} */ ms) => (surprise ? ms * (0.5 + Math.random() / 2) : ms);
    let at = 0;
    for (let times = surprise ? 2 : 1; times > 0; times--) {
      const from = at + length(after);
      at = from + length(gone);
      tell({ type: "visibilitychange", hidden: true, after: from });
      if (away !== "hidden") tell({ type: "freeze", hidden: true, after: from + frozenAfter, hold: at - from - frozenAfter });
      tell({ type: "visibilitychange", hidden: false, after: at });
    }
  }

  addEventListener("message", (event) => {
    if (event.source !== parent || !event.ports[0]) return;
    const { programs, behind } = event.data;
    /** @type {{ready: Promise<void>, go: () => void, tell: (moment: Moment) => void}[]} */
    const workers = programs.map((/** @type {any} */ program, /** @type {number} */ i) => prepare(program, behind, event.ports[i]));
    // They begin together: none is ahead because its worker was there first.
    Promise.all(workers.map(({ ready }) => ready)).then(() => {
      for (const { go } of workers) go();
      leave(programs[0].setting.controls ?? {}, (moment) => {
        for (const { tell } of workers) tell(moment);
      });
    });
  });

  /**
   * Makes a worker for a program. It is ready when the program can begin, or
   * never will.
   * @param {{code: string, setting: object}} program its text, and what the prelude gives to it
   * @param {number} behind how far the page's clock is behind the time of day, in ms
   * @param {MessagePort} port
   * @returns {{ready: Promise<void>, go: () => void, tell: (moment: Moment) => void}}
   */
  function prepare({ code, setting }, behind, port) {
    // The program begins on a line of its own and at column 1, so that the place
    // of an error in it is known whether it could be parsed or not.
    const first = `(${prelude})();`;
    const before = first.split("\n").length;
    const begin = `start(${JSON.stringify(setting)},${behind},${before},async()=>{"use strict";\n`;
    const address = URL.createObjectURL(new Blob([first, begin, code, "\n});"], { type: "text/javascript" }));
    const worker = new Worker(address);

    /** @type {(value?: any) => void} */
    let isReady = () => {};
    const ready = new Promise((resolve) => (isReady = resolve));
    let ended = false;

    /** @type {ReturnType<typeof setInterval> | undefined} */
    let watch;
    let unanswered = 0;
    /** @type {Worker | undefined} */
    let pacer;
    const answered = () => {
      unanswered = 0;
      pacer?.terminate();
      pacer = undefined;
    };
    /** When no code of the program runs, and it answers nothing. @type {{from: number, to: number}[]} */
    const held = [];
    const tell = (/** @type {Moment} */ moment) => {
      if (ended) return;
      const from = Date.now() + (moment.after ?? 0);
      if (moment.hold) held.push({ from, to: from + moment.hold });
      worker.postMessage(moment);
    };
    const go = () => {
      if (ended) return;
      worker.postMessage("go");
      watch = setInterval(() => {
        const now = Date.now();
        if (held.some(({ from, to }) => now > from && now < to)) return;
        worker.postMessage("ping");
        if (++unanswered <= doubt || pacer) return;
        pacer = new Worker(pacing);
        pacer.onmessage = () => end({ kind: "throw", code: "endless", seconds: patience });
      }, 1000);
    };

    worker.onmessage = ({ data }) => {
      if (data === "ready") isReady();
      else if (data === "pong") answered();
      else if (data === "turn") turns.ask(worker);
      else port.postMessage(data);
      if (data.ended) end();
    };

    // What a running program throws, the prelude reports. What comes here
    // could not be parsed.
    worker.onerror = (event) => {
      event.preventDefault();
      const lines = code.split("\n").length;
      const line = event.lineno - before;
      const message = event.message.replace(/^Uncaught /, "");
      if (line > lines) end({ kind: "throw", code: "unclosed", message, line: lines });
      else end({ kind: "throw", message, line, column: event.colno });
    };

    port.onmessage = () => end();

    /** @param {object} [report] why, where the program can't say so itself */
    function end(report) {
      ended = true;
      isReady();
      clearInterval(watch);
      answered();
      worker.terminate();
      turns.leave(worker);
      URL.revokeObjectURL(address);
      if (report) {
        const at = Date.now() - behind;
        port.postMessage({ reports: [{ at, ...report }, { at, kind: "end" }], dropped: 0 });
      }
      port.close();
    }

    return { ready, go, tell };
  }

  parent.postMessage("ready", "*"); // an opaque origin has no name to send to or from
})();
