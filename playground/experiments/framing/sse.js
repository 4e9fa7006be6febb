const events = new EventSource(url);
const show = (event) => log(event.type, event.data, event.lastEventId);

// An event with a type of its own skips onmessage: it is heard only by those
// who listen for that type. So find the types in the stream that was asked for,
// as it is when the marks for its pieces are out of it.
events.addEventListener('message', show);
const stream = controls.stream.replaceAll('\\|', '');
for (const [, type] of stream.matchAll(/event: ?([^\\\r\n]+)/g)) {
  events.addEventListener(type, show);
}

// The end of the stream is an error to EventSource, which would ask for the
// same stream again. An event of the type "error" comes here too, with data.
events.onerror = (event) => {
  if (event.data === undefined) events.close();
};
