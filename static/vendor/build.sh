#!/bin/sh
# Bundles what is large and well kept, each package set into one file with its
# versions and licences beside it: CodeMirror 6, the editor, into codemirror.js,
# and uPlot, the charts, into uplot.js. Run it to take newer versions; what it
# makes is committed, so that neither building nor running Seewire needs Node.
set -eu
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bundle NAME PACKAGE...: what the entry on standard input exports goes into NAME.js.
bundle() {
  name=$1
  shift
  mkdir "$work/$name"
  cd "$work/$name"
  cat > entry.js
  npm init -y >/dev/null
  npm install --no-audit --no-fund --silent "$@" esbuild@0.28.2
  npx esbuild entry.js --bundle --minify --format=esm --target=es2022 --loader:.css=text --legal-comments=none --metafile=meta.json --log-level=warning --outfile="$here/$name.js"

  # Every package in the bundle, its version and its licence.
  node -e '
    const fs = require("fs");
    const { inputs } = JSON.parse(fs.readFileSync("meta.json"));
    const names = new Set();
    for (const path of Object.keys(inputs)) {
      const m = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/);
      if (m) names.add(m[1]);
    }
    const parts = [...names].sort().map((name) => {
      const dir = "node_modules/" + name + "/";
      const { version, license, homepage, repository } = JSON.parse(fs.readFileSync(dir + "package.json"));
      const file = fs.readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
      if (!file) throw new Error("no licence in " + name);
      const from = homepage || (repository && repository.url) || repository || "";
      return name + " " + version + " (" + license + ") " + from + "\n\n" + fs.readFileSync(dir + file, "utf8").trim() + "\n";
    });
    fs.writeFileSync(process.argv[2], "What " + process.argv[1] + ".js is made of, by build.sh.\n\n" + parts.join("\n----\n\n"));
  ' "$name" "$here/$name.LICENSE.txt"
}

# Only what js/elements/code/editor.js uses, so that the bundle stays small.
bundle codemirror @codemirror/state@6.7.6 @codemirror/view@6.43.15 @codemirror/commands@6.11.1 \
  @codemirror/language@6.13.1 @codemirror/lang-javascript@6.2.5 @lezer/highlight@1.2.5 <<'JS'
export { EditorState, StateEffect, StateField } from '@codemirror/state';
export { Decoration, EditorView, keymap, lineNumbers, drawSelection } from '@codemirror/view';
export { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
export { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
export { javascript } from '@codemirror/lang-javascript';
export { tags } from '@lezer/highlight';
JS

# Its styles are a text: a constructed sheet of it is what the page's policy allows.
bundle uplot uplot@1.6.32 <<'JS'
export { default as uPlot } from 'uplot';
export { default as styles } from 'uplot/dist/uPlot.min.css';
JS
