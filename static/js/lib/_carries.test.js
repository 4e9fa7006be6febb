// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { carries } from "./carries.js";

const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i);
const base64 = Buffer.from(bytes).toString("base64");

/** Base85 with an alphabet of its own. */
const base85 = Array.from({ length: 256 }, (_, i) => {
  let value = Buffer.from(bytes).readUInt32BE(4 * i);
  return Array.from({ length: 5 }, () => {
    const digit = String.fromCharCode(0x28 + (value % 85));
    value = Math.floor(value / 85);
    return digit;
  }).join("");
}).join("");

test("codes that carry bytes, in one piece or several", () => {
  for (const [name, ...texts] of [
    ["a list", JSON.stringify([...bytes])],
    ["a typed array in JSON", JSON.stringify(bytes)],
    ["a list in an object", JSON.stringify({ picture: [...bytes] })],
    ["lists", JSON.stringify([...bytes.subarray(0, 100)]), JSON.stringify([...bytes.subarray(100)])],
    ["base64", base64],
    ["base64 without its end", base64.replace(/=+$/, "")],
    ["base64url", Buffer.from(bytes).toString("base64url")],
    ["base64 in JSON", JSON.stringify({ type: "picture", data: base64 })],
    ["base64 in a data URL", `data:image/png;base64,${base64}`],
    ["base64 in pieces, each by itself", Buffer.from(bytes.subarray(0, 100)).toString("base64"), Buffer.from(bytes.subarray(100)).toString("base64")],
    ["hexadecimal", Buffer.from(bytes).toString("hex")],
    ["hexadecimal with spaces", Buffer.from(bytes).toString("hex").replace(/..(?=.)/g, "$& ")],
    ["numbers with commas", [...bytes].join()],
    ["numbers with commas, in pieces", [...bytes.subarray(0, 100)].join(), [...bytes.subarray(100)].join()],
    ["percent signs", Buffer.from(bytes).toString("hex").replace(/../g, "%$&")],
    ["binary", [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")],
    ["base85", base85],
    ["characters of its own", String.fromCharCode(...[...bytes].map((byte) => 0x100 + byte))],
  ]) {
    assert.equal(carries(texts, bytes), true, name);
  }
});

test("what does not carry them", () => {
  for (const [name, ...texts] of [
    ["nothing"],
    ["an empty text", ""],
    ["the same character", "x".repeat(1400)],
    ["the same character, as many as bytes", "x".repeat(1024)],
    ["other bytes", Buffer.from(bytes.map((byte) => byte % 7)).toString("base64")],
    ["the same number, as many as bytes", Array(1024).fill(7).join()],
    ["other numbers", [...bytes].map((byte) => byte % 7).join()],
    ["a part", base64.slice(0, 1200)],
    ["more", base64 + base64],
    ["characters by chance", Array.from({ length: 1366 }, (_, i) => String.fromCharCode(48 + ((i * 7919) % 71))).join("")],
    ["compressed", deflateSync(bytes).toString("base64")],
    ["the count", "1024"],
  ]) {
    assert.equal(carries(texts, bytes), false, name);
  }
});
