// @ts-check
// Bytes whose bits belong to more than one field, and the text in bytes.

/**
 * @typedef {import('../../lib/framerows.js').Tile} Tile
 */

/**
 * The fields of each bit of a byte, from the highest, where the byte is
 * divided; undefined where it belongs to one field.
 * @param {number} offset of the byte
 * @param {Tile[]} tiles those that cover it
 * @returns {(Tile|undefined)[]|undefined}
 */
export function bitsAt(offset, tiles) {
  if (tiles.every((tile) => maskAt(tile, offset) === 0xff)) return undefined;
  return Array.from({ length: 8 }, (_, bit) => tiles.find((tile) => (maskAt(tile, offset) & (0x80 >> bit)) !== 0));
}

/** The part of a field's mask that lies over one byte. @param {Tile} tile @param {number} offset */
function maskAt(tile, offset) {
  const { mask } = tile.field;
  if (!mask) return 0xff;
  const place = 2 * (offset - tile.offset);
  return Number.parseInt(mask.padStart(2 * tile.length, "0").slice(place, place + 2), 16);
}

/**
 * What to show for each byte in a column of text. A character of several bytes
 * stands at its first one; the others are empty. What can't be printed is "·".
 * @param {Uint8Array} bytes
 * @returns {string[]}
 */
export function textAt(bytes) {
  const shown = [];
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i]);
    const character = length > 1 ? decode(bytes.subarray(i, i + length)) : undefined;
    if (character) {
      shown.push(character, ...Array(length - 1).fill(""));
      i += length;
    } else {
      shown.push(bytes[i] >= 0x20 && bytes[i] < 0x7f ? String.fromCharCode(bytes[i]) : "·");
      i++;
    }
  }
  return shown;
}

/** How many bytes a UTF-8 sequence has by its first one (RFC 3629 §3). @param {number} first */
function sequenceLength(first) {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 1;
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /\p{C}|\p{Z}|\p{M}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/**
 * Takes a mask off: each byte XOR the byte of the key whose turn it is
 * (RFC 6455 §5.3).
 * @param {Uint8Array} bytes
 * @param {Uint8Array} key 4 bytes
 * @param {number} start the place of the first byte in the payload
 */
export function unmask(bytes, key, start) {
  return bytes.map((byte, i) => byte ^ key[(start + i) % 4]);
}

/** @param {number} byte */
export function hex(byte) {
  return byte.toString(16).padStart(2, "0");
}
