// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decodeBytes, encodeBytes, parametersOf, withParameters } from "./fragment.js";
import { guessWriting, parseBytes, FormatError, write } from "./byteformats.js";

/** @param {Uint8Array} bytes */
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const frame = "818537fa213d7f9f4d5158";
/** Nineteen bytes, some of whose letters are hexadecimal digits. */
const nineteen = "646174613a206465616462656566206162630a";

const writings = [
  ["plain", "818537fa213d7f9f4d5158", frame],
  ["with spaces and lines", " 81 85 37 fa\n21 3d 7f 9f\n4d 51 58\n", frame],
  ["capitals", "81 85 37 FA 21 3D 7F 9F 4D 51 58", frame],
  ["colons", "81:85:37:fa:21:3d:7f:9f:4d:51:58", frame],
  ["C", "{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}", frame],
  ["a string's", "\\x81\\x85\\x37\\xfa\\x21\\x3d\\x7f\\x9f\\x4d\\x51\\x58", frame],
  ["xxd, one line", "00000000: 8185 37fa 213d 7f9f 4d51 58              ..7.!=..MQX\n", frame],
  ["xxd", "00000000: 6461 7461 3a20 6465 6164 6265 6566 2061  data: deadbeef a\n00000010: 6263 0a                                  bc.\n", nineteen],
  ["xxd -c 8", "00000000: 6461 7461 3a20 6465  data: de\n00000008: 6164 6265 6566 2061  adbeef a\n00000010: 6263 0a              bc.\n", nineteen],
  ["xxd -c 8, eight bytes", "00000000: 6465 6164 6265 6566  deadbeef\n", "6465616462656566"],
  ["hexdump -C", "00000000  64 61 74 61 3a 20 64 65  61 64 62 65 65 66 20 61  |data: deadbeef a|\n00000010  62 63 0a                                          |bc.|\n00000013\n", nineteen],
  ["hexdump -C with repeats", "00000000  61 61 61 61 61 61 61 61  61 61 61 61 61 61 61 61  |aaaaaaaaaaaaaaaa|\n*\n00000030  0a                                                |.|\n00000031\n", "61".repeat(48) + "0a"],
  ["Wireshark", "0000   64 61 74 61 3a 20 64 65 61 64 62 65 65 66 20 61   data: deadbeef a\n0010   62 63 0a                                          bc.\n", nineteen],
  ["Wireshark without text", "0000   64 61 74 61 3a 20 64 65 61 64 62 65 65 66 20 61\n0010   62 63 0a\n", nineteen],
  ["od -A x -t x1", "000000 64 61 74 61 3a 20 64 65 61 64 62 65 65 66 20 61\n000010 62 63 0a\n000013\n", nineteen],
];

/** As programs print bytes: seewire dissect reads them too, and is held to the same table. */
const printed = JSON.parse(readFileSync(new URL("../../../playground/export/testdata/written.json", import.meta.url), "utf8"));

for (const { name, text, writing, hex: want } of printed) {
  test(`printed: ${name}`, () => {
    const guessed = guessWriting(text);
    assert.equal(["text", "crlf"].includes(guessed) ? "" : guessed, writing);
    if (writing) assert.equal(hex(parseBytes(text, guessed)), want);
  });
}

test("a dump of both sides is a capture", () => {
  const text = "00000000  81 05 48 65 6c 6c 6f                              ..Hello\n    00000000  81 02 68 69       ..hi\n00000007  88 00             ..\n";
  const { connections } = JSON.parse(new TextDecoder().decode(parseBytes(text, guessWriting(text))));
  assert.deepEqual(
    connections[0].segments.map((/** @type {any} */ { from, offset, length }) => [from, offset, length]),
    [["client", 0, 7], ["server", 0, 4], ["client", 7, 2]],
  );
  assert.equal(atob(connections[0].server), "\x81\x02hi");
});

test("packets from Ethernet on are a recording", () => {
  const packet = Array.from({ length: 40 }, (_, i) => ["08", "00", "45"][i - 12] ?? "00");
  const dump = [0, 16, 32].map((at) => `${at.toString(16).padStart(4, "0")}  ${packet.slice(at, at + 16).join(" ")}`).join("\n");
  const file = parseBytes(`${dump}\n\n${dump}\n`, "hex");
  assert.equal(hex(file.slice(0, 4)), "a1b2c3d4");
  assert.equal(file.length, 24 + 2 * (16 + 40));
});

for (const [name, text, want] of writings) {
  test(`hex: ${name}`, () => {
    assert.equal(guessWriting(text), "hex");
    assert.equal(hex(parseBytes(text, "hex")), want);
  });
}

test("base64 in both alphabets, with and without padding", () => {
  for (const text of ["gYU3+iE9f59NUVg=", "gYU3-iE9f59NUVg", "gYU3+iE9\nf59NUVg="]) {
    assert.equal(guessWriting(text), "base64");
    assert.equal(hex(parseBytes(text, "base64")), frame);
  }
});

test("text is guessed to be text", () => {
  assert.equal(guessWriting("data: hello\n\n"), "text");
  assert.equal(guessWriting("data: a\\r\\n\\r\\n"), "text"); // what a server sends that escapes once too often
  assert.equal(guessWriting("GET / HTTP/1.1\\r\\n\\r\\n"), "escapes");
  assert.equal(guessWriting("GET / HTTP/1.1\nHost: a\n\n"), "crlf");
  assert.equal(guessWriting("HTTP/1.1 200 OK\n\n"), "crlf");
  assert.equal(guessWriting("hello there you"), "text");
});

test("line breaks and escapes", () => {
  assert.equal(hex(parseBytes("a\nb", "crlf")), "610d0a62");
  assert.equal(hex(parseBytes("a\nb", "text")), "610a62");
  assert.equal(hex(parseBytes("\\r\\n\\t\\0\\\\\\xff\\uFEFF你\n", "escapes")), "0d0a09005cff" + "efbbbf" + "e4bda0" + "0a");
});

test("what is wrong is said with its place", () => {
  for (const [text, writing, code, at] of /** @type {const} */ ([
    ["81 0g", "hex", "hex", 4],
    ["81 g0", "hex", "hex", 3],
    ["81 0", "hex", "half", 3],
    ["0000  81 05\n0008  aa\n", "hex", "hex", -1],
    ["0000  81 05\n0001  aa\n0009  bb\n", "hex", "offset", 12 + 9],
    ["gYU3*", "base64", "base64", 4],
    ["gYU3i", "base64", "base64", 4],
    ["a\\q", "escapes", "escape", 1],
    ["a\\x1", "escapes", "escape", 1],
  ])) {
    assert.throws(
      () => parseBytes(text, writing),
      (error) => {
        if (at < 0) return error instanceof FormatError;
        assert.ok(error instanceof FormatError);
        assert.deepEqual([error.code, error.at], [code, at], text);
        return true;
      },
    );
  }
});

test("what is written can be read again", () => {
  for (const bytes of ["data: a\n\n", "a\r\nb\\n", "\x81\x05", "\ufeffdata\t1\n", "", "\0", "a".repeat(40)]) {
    const before = new TextEncoder().encode(bytes);
    const { text, writing } = write(before);
    assert.equal(hex(parseBytes(text, writing)), hex(before), JSON.stringify(bytes));
  }
  const binary = Uint8Array.from({ length: 300 }, (_, i) => i);
  const { text, writing } = write(binary);
  assert.deepEqual([writing, hex(parseBytes(text, writing))], ["hex", hex(binary)]);
});

test("fragments", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.match(encodeBytes(bytes), /^[\w-]+$/);
  assert.deepEqual(decodeBytes(encodeBytes(bytes)), bytes);
  assert.equal(decodeBytes("*"), undefined);
  assert.equal(parametersOf("#look").toString(), "");
  assert.equal(withParameters("#look", { frame: "1.client.0" }), "#frame=1.client.0");
  assert.equal(withParameters("#bytes=AA&frame=1&field=x", { frame: "2.server.1", field: undefined }), "#bytes=AA&frame=2.server.1");
});
