// @ts-check
// Bytes as people write them: hexadecimal with or without signs between, the
// dumps of xxd, hexdump -C, od and Wireshark, base64, text.

/**
 * How bytes are written. "text" takes line breaks as LF, "crlf" as CRLF, and
 * "escapes" knows \r \n \t \0 \\ \xHH \uHHHH.
 * @typedef {'hex'|'base64'|'text'|'crlf'|'escapes'|'literal'|'numbers'} Writing
 */

/** What is wrong, and where: counted from 0 in UTF-16 units, as a text field does. */
export class FormatError extends Error {
  /** @param {'hex'|'half'|'offset'|'base64'|'escape'|'number'} code @param {number} at @param {string} found */
  constructor(code, at, found) {
    super(`${code} at ${at}: ${found}`);
    this.code = code;
    this.at = at;
    this.found = found;
  }
}

/** Characters that show how a text is written. */
const ENOUGH = 4096;

/**
 * The way in which a text is most likely written.
 * @param {string} text
 * @returns {Writing}
 */
export function guessWriting(text) {
  const trimmed = text.trim();
  const start = trimmed.slice(0, ENOUGH);
  if (literalIn(trimmed) !== undefined) return "literal";
  if (/^\[\s*\d+(\s*,\s*\d+)*\s*,?\s*\]$/.test(start)) return "numbers";
  const whole = start.length === trimmed.length;
  if (isDump(text)) return "hex";
  if (withoutWrapping(text) !== text && !fails(readHex, withoutWrapping(text))) return "hex";
  if (/[0-9a-f]{2}/i.test(start) && !/[^0-9a-fx\s,;:{}\\-]/i.test(start) && !(whole && fails(readHex, start))) return "hex";
  if (/^[A-Za-z0-9+/_\s-]{8,}={0,2}$/.test(start) && !/[a-z] [a-z]/.test(start) && !(whole && fails(readBase64, start)))
    return "base64";
  if (isEscaped(text)) return "escapes";
  return /^([A-Z]+ \S+ HTTP\/1\.\d|HTTP\/1\.\d \d{3}\b.*)$/m.test(text.split("\n", 1)[0]) ? "crlf" : "text";
}

/**
 * @param {string} text
 * @param {Writing} writing
 * @returns {Uint8Array}
 * @throws {FormatError}
 */
export function parseBytes(text, writing) {
  switch (writing) {
    case "hex":
      return isDump(text) ? readDump(text) : readHex(withoutWrapping(text));
    case "literal":
      return readEscapes(literalIn(text.trim()) ?? text.trim());
    case "numbers":
      return readNumbers(text);
    case "base64":
      return readBase64(text);
    case "escapes":
      return readEscapes(text);
    case "crlf":
      return new TextEncoder().encode(text.replace(/\r?\n/g, "\r\n"));
    default:
      return new TextEncoder().encode(text);
  }
}

/**
 * Bytes as text to be shown and edited, so that reading it gives them again.
 * @param {Uint8Array} bytes
 * @returns {{text: string, writing: Writing}}
 */
export function write(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!/[^\P{C}\r\n\t\ufeff]/u.test(text)) {
      if (!/[\r\\]/.test(text)) return { text, writing: "text" };
      return { text: text.replaceAll("\\", "\\\\").replaceAll("\r", "\\r"), writing: "escapes" };
    }
  } catch {
    // Not UTF-8.
  }
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const lines = [];
  for (let i = 0; i < digits.length; i += 16) lines.push(digits.slice(i, i + 16).join(" "));
  return { text: lines.join("\n"), writing: "hex" };
}

/**
 * Whether backslashes stand for what they are in a string: a text on one line that has
 * line ends as \n, or bytes as \xHH. In a text of several lines a backslash is one.
 * @param {string} text
 */
function isEscaped(text) {
  return !/\n[^]/.test(text.trim()) && /\\(r|n|x[0-9a-f]{2})/i.test(text) && !hasWrittenLineEnds(text);
}

/**
 * Whether a text begins as an event stream and has backslashes where line ends were to
 * be. A server that sends these makes a mistake, and that is what is to be seen.
 * @param {string} text
 */
export function hasWrittenLineEnds(text) {
  return /^\s*(data|event|id|retry)?:[^\n]*\\[rn]/.test(text) && !/\\x[0-9a-f]{2}/i.test(text);
}

/**
 * What stands in the quotes of Python's b'…', or of a string with escapes; or undefined.
 * @param {string} text
 */
function literalIn(text) {
  return /^b(['"])([^]*)\1$/.exec(text)?.[2] ?? /^"([^"\n]*\\(?:[rn]|x[0-9a-f]{2})[^"\n]*)"$/i.exec(text)?.[1];
}

/** What programs write around bytes: Node's <Buffer …>, C's declaration. @param {string} text */
function withoutWrapping(text) {
  const buffer = /^\s*<(?:Buffer|Uint8Array\(\d+\)|SlowBuffer)\s+([0-9a-f\s]*)(?:\.\.\. \d+ more bytes?)?>\s*$/i.exec(text);
  if (buffer) return buffer[1];
  return text
    .replace(/\/\*[^]*?\*\//g, " ")
    .replace(/^[\w\s*]*\b(?:char|uint8_t|u8|byte)\b[^{=]*=\s*(?=\{)/gm, " ")
    .replace(/\};/g, "} ");
}

/** Numbers from 0 to 255, as JavaScript prints an array of bytes. @param {string} text */
function readNumbers(text) {
  /** @type {number[]} */
  const bytes = [];
  for (const found of text.matchAll(/[^\s,[\]]+/g)) {
    const value = Number(found[0]);
    if (!/^\d+$/.test(found[0]) || value > 255) throw new FormatError("number", found.index, found[0]);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}

/** @param {(text: string) => unknown} reader @param {string} text */
function fails(reader, text) {
  try {
    reader(text);
    return false;
  } catch {
    return true;
  }
}

/** The value of a hexadecimal digit; -1 for any other sign, or none. @param {string} text @param {number} at */
function digit(text, at) {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20; // lower case
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What stands between bytes. */
const BETWEEN = " \t\r\n,;:{}-";

/** Hexadecimal with anything between the bytes that programs put there: 81 05, 81:05, 0x81, 0x05, \x81\x05. @param {string} text */
function readHex(text) {
  const bytes = new Uint8Array(text.length >> 1);
  let length = 0;
  for (let i = 0; i < text.length;) {
    if (BETWEEN.includes(text[i])) {
      i++;
      continue;
    }
    if ((text[i] === "0" || text[i] === "\\") && /x/i.test(text[i + 1] ?? "")) i += 2;
    const high = digit(text, i);
    const low = digit(text, i + 1);
    if (high < 0) throw new FormatError("hex", Math.min(i, text.length - 1), text[i] ?? text.slice(-1));
    if (low < 0) {
      const ends = i + 1 === text.length || BETWEEN.includes(text[i + 1]) || text[i + 1] === "\\";
      throw ends ? new FormatError("half", i, text[i]) : new FormatError("hex", i + 1, text[i + 1]);
    }
    bytes[length++] = 16 * high + low;
    i += 2;
  }
  return bytes.slice(0, length);
}

/** A line of a dump: an offset, bytes in groups, and often the same as text. */
const DUMP_LINE = /^([ \t]*)([0-9a-f]{4,16})(:?)(?:[ \t]+(.*)|)$/i;

/** Whether each line begins with an offset, from 0 on, as no other hexadecimal does. @param {string} text */
function isDump(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && line.trim() !== "*");
  const first = DUMP_LINE.exec(lines[0]?.trimEnd() ?? "");
  if (!first || !first[4] || Number.parseInt(first[2], 16) !== 0) return false;
  return lines.every((line) => DUMP_LINE.test(line.trimEnd()));
}

/**
 * A dump of one packet or of several, which begin at 0 again; or that of both sides of
 * Wireshark's "Follow Stream", which moves the server's lines to the right.
 * @param {string} text
 */
function readDump(text) {
  /** @type {{at: number, offset: number, server: boolean, colon: boolean, rest: string, start: number, repeats: boolean}[]} */
  const lines = [];
  let at = 0;
  let repeats = false;
  for (const line of text.split("\n")) {
    const parts = DUMP_LINE.exec(line.trimEnd());
    if (parts) {
      const [, space, digits, colon, rest = ""] = parts;
      const start = at + line.trimEnd().length - rest.length;
      const server = space.length >= 4 || space.includes("\t");
      lines.push({ at: at + space.length, offset: Number.parseInt(digits, 16), server, colon: colon !== "", rest, start, repeats });
    }
    repeats = line.trim() === "*";
    at += line.length + 1;
  }
  const bothSides = lines.some(({ server }) => server !== lines[0].server);

  /** @type {{server: boolean, bytes: number[]}[]} */
  const packets = [];
  /** @type {Map<boolean, number>} how many bytes there are of a side since its offset was 0 */
  const sides = new Map();
  for (const [i, line] of lines.entries()) {
    const before = lines[i - 1];
    if (!before || line.offset === 0 || line.server !== before.server) packets.push({ server: line.server, bytes: [] });
    if (line.offset === 0) sides.set(line.server, 0);
    const { bytes } = packets[packets.length - 1];
    const done = (sides.get(line.server) ?? 0) - bytes.length;
    if (line.repeats) {
      const last = bytes.slice(-16); // hexdump writes "*" for lines like the one before
      while (done + bytes.length < line.offset && last.length > 0 && bytes.length < 8 << 20) bytes.push(...last);
    }
    if (line.offset !== done + bytes.length) throw new FormatError("offset", line.at, text.slice(line.at).split(/[\s:]/, 1)[0]);
    // The next offset tells how many bytes there are; in a packet's last line, a
    // wide space or a sign that is no digit ends them.
    const next = lines[i + 1];
    const goesOn = next && !next.repeats && next.offset > 0 && next.server === line.server;
    readDumpLine(line, goesOn ? next.offset - line.offset : Infinity, bytes);
    sides.set(line.server, done + bytes.length);
  }
  if (bothSides) return captureOf(packets);
  if (packets.length > 1 && packets.every(({ bytes }) => isEthernet(bytes))) return pcapOf(packets.map(({ bytes }) => bytes));
  return Uint8Array.from(packets.flatMap(({ bytes }) => bytes));
}

/** Both sides as a capture, which /dissect reads. @param {{server: boolean, bytes: number[]}[]} packets */
function captureOf(packets) {
  /** @type {Record<"client"|"server", number[]>} */
  const sides = { client: [], server: [] };
  const segments = packets.map(({ server, bytes }) => {
    const from = server ? "server" : "client";
    const offset = sides[from].length;
    for (const byte of bytes) sides[from].push(byte);
    return { from, at: "0001-01-01T00:00:00Z", offset, length: bytes.length };
  });
  const base64 = (/** @type {number[]} */ bytes) => btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
  const connection = { peer: "", client: base64(sides.client), server: base64(sides.server), segments };
  return new TextEncoder().encode(JSON.stringify({ connections: [connection] }));
}

/** Whether bytes begin as an Ethernet frame with IP, as `tshark -x` prints. @param {number[]} bytes */
function isEthernet(bytes) {
  const kind = 256 * bytes[12] + bytes[13];
  return bytes.length >= 34 && ((kind === 0x0800 && bytes[14] >> 4 === 4) || (kind === 0x86dd && bytes[14] >> 4 === 6));
}

/** Packets as a pcap file. @param {number[][]} packets */
function pcapOf(packets) {
  const length = packets.reduce((sum, bytes) => sum + 16 + bytes.length, 24);
  const file = new DataView(new ArrayBuffer(length));
  file.setUint32(0, 0xa1b2c3d4);
  file.setUint32(4, 0x00020004);
  file.setUint32(16, 0x40000);
  file.setUint32(20, 1); // Ethernet
  let at = 24;
  for (const bytes of packets) {
    file.setUint32(at + 8, bytes.length);
    file.setUint32(at + 12, bytes.length);
    bytes.forEach((byte, i) => file.setUint8(at + 16 + i, byte));
    at += 16 + bytes.length;
  }
  return new Uint8Array(file.buffer);
}

/** @param {{rest: string, start: number, colon: boolean}} line @param {number} count @param {number[]} bytes */
function readDumpLine({ rest, start, colon }, count, bytes) {
  let read = 0;
  for (let i = 0; i < rest.length && read < count;) {
    let space = 0;
    while (rest[i + space] === " " || rest[i + space] === "\t") space++;
    const middle = !colon && read === 8 && space === 2; // hexdump -C leaves a gap after eight
    if (count === Infinity && read > 0 && space >= 2 && !middle) return;
    i += space;
    const high = digit(rest, i);
    const low = digit(rest, i + 1);
    if (high < 0 || low < 0) {
      if (count === Infinity) return;
      throw new FormatError("hex", start + i, rest[i]);
    }
    bytes.push(16 * high + low);
    read++;
    i += 2;
  }
}

/** Base64 and base64url, with or without "=" at the end (RFC 4648 §4, §5). @param {string} text */
function readBase64(text) {
  const wrong = /[^A-Za-z0-9+/_\s=-]|=(?=\s*[^=\s])/.exec(text);
  if (wrong) throw new FormatError("base64", wrong.index, wrong[0]);
  const digits = text.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
  if (digits.length % 4 === 1) throw new FormatError("base64", text.trimEnd().length - 1, text.trimEnd().slice(-1));
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

/** @type {Record<string, number>} */
const ESCAPES = { r: 13, n: 10, t: 9, 0: 0, "\\": 92, "'": 39, '"': 34, a: 7, b: 8, f: 12, v: 11 };

/** @param {string} text */
function readEscapes(text) {
  const encoder = new TextEncoder();
  /** @type {number[]} */
  const bytes = [];
  for (let i = 0; i < text.length;) {
    if (text[i] !== "\\") {
      let end = text.indexOf("\\", i);
      if (end < 0) end = text.length;
      for (const byte of encoder.encode(text.slice(i, end))) bytes.push(byte);
      i = end;
      continue;
    }
    const [whole, hex, unicode] = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|[rnt0abfv'"\\])/i.exec(text.slice(i, i + 6)) ?? [];
    if (!whole) throw new FormatError("escape", i, text.slice(i, i + 2));
    if (hex) bytes.push(Number.parseInt(hex, 16));
    else if (unicode) bytes.push(...encoder.encode(String.fromCharCode(Number.parseInt(unicode, 16))));
    else bytes.push(ESCAPES[whole[1]]);
    i += whole.length;
  }
  return Uint8Array.from(bytes);
}
