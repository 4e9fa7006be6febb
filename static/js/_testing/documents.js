// @ts-check
// Documents as the server sends them, made by hand for the tests.

const start = Date.parse("2026-11-22T08:00:00Z");

/** A time of the server, so many milliseconds after the start. @param {number} ms */
export const at = (ms) => new Date(start + ms).toISOString();

/** @param {number} ms */
export const time = (ms) => start + ms;

/** @param {string} text */
const base64 = (text) => Buffer.from(text, "utf8").toString("base64");

/**
 * Fields that lie one after the other.
 * @param {[name: string, text: string][]} parts
 */
export function fieldsOf(parts) {
  let offset = 0;
  return parts.map(([name, text]) => {
    const length = Buffer.byteLength(text);
    const field = { name, offset, length, value: text };
    offset += length;
    return field;
  });
}

/**
 * @param {number} connection
 * @param {"client"|"server"} from
 * @param {number} ms
 * @param {number} offset
 * @param {string} kind      "http1/request", …
 * @param {[name: string, text: string][]} parts
 * @param {object} [more]
 */
export function frame(connection, from, ms, offset, kind, parts, more = {}) {
  const [protocol, name] = kind.split("/");
  const fields = fieldsOf(parts);
  const length = fields.reduce((sum, field) => sum + field.length, 0);
  return { connection, from, at: at(ms), offset, length, protocol, kind: name, say: [], fields, ...more };
}

/**
 * @param {number} number
 * @param {{client?: string, server?: string, ms?: number, ends?: object[], dropped?: number}} parts
 */
export function connection(number, { client = "", server = "", ms = 0, ends = [], dropped }) {
  const segments = [{ from: "client", at: at(ms), offset: 0, length: client.length }];
  return {
    number,
    peer: "127.0.0.1:5011" + number,
    protocol: "http/1.1",
    client: base64(client),
    server: base64(server),
    segments,
    ends,
    dropped,
  };
}

/** A document with these in it. @param {object[]} connections @param {object[]} frames */
export function document(connections, frames) {
  return { id: "k7m2-q9xd", connections, frames, events: [], lastEventId: "" };
}

/**
 * A chunk that holds "id: N\ndata: N\n\n", as the frames that it is dissected to.
 * @param {number} number of the connection
 * @param {number} ms
 * @param {number} offset
 * @param {string} n a single digit
 */
export function eventChunk(number, ms, offset, n) {
  /** @param {string} name */
  const line = (name) =>
    /** @type {[string, string][]} */ ([
      ["sse.field", name],
      ["sse.colon", ":"],
      ["sse.space", " "],
      ["sse." + name, n],
      ["sse.line_end", "\n"],
    ]);
  const state = { data: "", type: "", id: n, lastEventId: n };
  const event = { type: "message", data: n, lastEventId: n };
  return [
    frame(number, "server", ms, offset + 3, "sse/field", line("id"), { say: [{ key: "sse.line", text: `id: ${n}` }], sse: state }),
    frame(number, "server", ms, offset + 9, "sse/field", line("data"), { say: [{ key: "sse.line", text: `data: ${n}` }], sse: { ...state, data: n + "\n" } }),
    frame(number, "server", ms, offset + 17, "sse/blank", [["sse.blank", "\n"]], { say: [{ key: "sse.blank" }], sse: { ...state, event } }),
    {
      ...frame(number, "server", ms, offset, "http1/chunk", []),
      length: 20,
      say: [{ key: "http1.chunk", count: 15 }],
      fields: [
        { name: "http.chunk_size", offset: 0, length: 1, value: "f" },
        { name: "http.chunk_size.end", offset: 1, length: 2, value: "\\r\\n" },
        { name: "http.chunk_boundary", offset: 18, length: 2, value: "\\r\\n" },
      ],
    },
  ];
}

/**
 * A head that says that what follows comes in chunks.
 * @param {number} number @param {number} ms
 */
export function chunkedHead(number, ms) {
  return frame(number, "server", ms, 0, "http1/response", [
    ["http.response.code", "200"],
    ["http.transfer_encoding", "chunked"],
    ["http.head.end", "\r\n"],
  ]);
}

/**
 * @param {number} number @param {number} ms
 * @param {string} accept
 * @param {string} [method]
 */
export function request(number, ms, accept, method = "GET") {
  return frame(number, "client", ms, 0, "http1/request", [
    ["http.request.method", method],
    ["http.request.uri", "/play/reconnect/sse?cut=5"],
    ["http.accept", accept],
  ]);
}

/**
 * A whole, unmasked text message.
 * @param {number} number @param {number} ms @param {number} offset @param {string} text @param {"client"|"server"} [from]
 */
export function textFrame(number, ms, offset, text, from = "server") {
  const made = frame(number, from, ms, offset, "websocket/text", []);
  const length = Buffer.byteLength(text);
  return {
    ...made,
    length: 2 + length,
    say: [{ key: "websocket.text" }, { key: "bytes", count: length }, { key: "payload", text }],
    fields: [
      { name: "websocket.fin", offset: 0, length: 1, mask: "80", value: "1" },
      { name: "websocket.opcode", offset: 0, length: 1, mask: "7f", value: "1" },
      { name: "websocket.payload_length", offset: 1, length: 1, value: String(length) },
      { name: "websocket.payload", offset: 2, length, value: text },
    ],
  };
}
