const source = new EventSource(url);

const show = ({ type, data, lastEventId }) => {
  log(type, data, lastEventId);
};
source.addEventListener("message", show);

// An event with a type of its own skips onmessage:
// only those who listen for its type hear it. So look
// the types up in the stream that was asked for, once
// the marks of its pieces are out of it.
const stream = controls.stream.replaceAll("\\|", "");
const types = stream.matchAll(/event: ?([^\\\r\n]+)/g);
for (const [, type] of types) {
  source.addEventListener(type, show);
}

// The end of the stream is an error here, after which
// the browser would ask for the same stream again. An
// event of the type "error" has data, and is no error.
source.onerror = ({ data }) => {
  if (data === undefined) source.close();
};
