// @ts-check
// The editor, made of CodeMirror. It is loaded when a learner first edits.

import {
  Decoration,
  EditorState,
  EditorView,
  HighlightStyle,
  StateEffect,
  StateField,
  bracketMatching,
  defaultKeymap,
  drawSelection,
  history,
  historyKeymap,
  indentOnInput,
  javascript,
  keymap,
  lineNumbers,
  syntaxHighlighting,
  tags,
} from "../../../vendor/codemirror.js";

// Colours and type are the page's own: custom properties reach into a shadow
// root.
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "var(--text-s)", maxHeight: "24rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "var(--leading-code)" },
  ".cm-content": { padding: "var(--space-3) 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 var(--space-3) 0 var(--space-2)" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "transparent", border: "0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--side-tint, var(--hover))",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--hover)", outline: "1px solid var(--edge)" },
  ".cm-trouble": { backgroundColor: "var(--trouble-tint)", boxShadow: "inset 3px 0 var(--trouble)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--code-comment)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-name)" },
]);

/** Marks a line by its number, or none with 0. @type {any} */
const trouble = StateEffect.define();

/** The line in which an error was. An edit removes the mark. */
const troubleLine = StateField.define({
  create: () => Decoration.none,
  /** @param {any} marked @param {any} transaction */
  update(marked, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(trouble)) continue;
      if (effect.value < 1 || effect.value > transaction.state.doc.lines) return Decoration.none;
      const { from } = transaction.state.doc.line(effect.value);
      return Decoration.set([Decoration.line({ class: "cm-trouble" }).range(from)]);
    }
    return transaction.docChanged ? Decoration.none : marked;
  },
  provide: (/** @type {any} */ field) => EditorView.decorations.from(field),
});

/**
 * What is typed over a selection of several lines. Left to itself, Chromium
 * puts a style attribute on what it joins, which the page's policy refuses.
 */
const typedOver = EditorView.domEventHandlers({
  beforeinput(/** @type {InputEvent} */ event, /** @type {any} */ view) {
    const { main } = view.state.selection;
    if (event.inputType !== "insertText" || event.isComposing || event.data === null || main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** One file in an editor. */
export class Editor {
  #view;

  /**
   * @param {HTMLElement} host gets a shadow root: in one, CodeMirror's styles
   *   are constructed sheets, which a strict style-src allows
   * @param {{text: string, label: string, changed: (text: string) => void}} options
   */
  constructor(host, { text, label, changed }) {
    const root = host.attachShadow({ mode: "open" });
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          javascript(),
          // Not Tab: it must lead out of the editor. Ctrl-] and Ctrl-[ indent.
          keymap.of([...defaultKeymap, ...historyKeymap]),
          theme,
          syntaxHighlighting(colours),
          troubleLine,
          typedOver,
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.updateListener.of((/** @type {any} */ update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  get text() {
    return this.#view.state.doc.toString();
  }

  /** Replaces the text; undo brings the old one back. */
  set text(text) {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  /** @param {number} line from 1; 0 removes the mark */
  mark(line) {
    this.#view.dispatch({ effects: trouble.of(line) });
  }

  /**
   * Focuses the editor, at a place where one is given.
   * @param {number} [line] from 1
   * @param {number} [column] from 1
   */
  focus(line, column = 1) {
    if (line && line <= this.#view.state.doc.lines) {
      const { from, to } = this.#view.state.doc.line(line);
      this.#view.dispatch({ selection: { anchor: Math.min(from + column - 1, to) }, scrollIntoView: true });
    }
    this.#view.focus();
  }
}
