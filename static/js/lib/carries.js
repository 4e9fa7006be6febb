// @ts-check
// Whether texts carry given bytes, in whatever code they are written.

/**
 * Codes of blocks: so many bytes in so many characters. Which characters stand
 * for which bytes follows from the texts themselves: equal blocks of bytes have
 * to be equal blocks of characters, and different ones different.
 */
const codes = [
  [1, 1],
  [1, 2], // hexadecimal
  [1, 3], // %41
  [1, 4], // \x41
  [1, 8], // binary
  [5, 8], // base32
  [3, 4], // base64
  [4, 5], // base85
  [7, 8], // seven bits in each character
];

/**
 * @param {string[]} texts in their order, each a piece
 * @param {ArrayLike<number>} bytes that all of them together are to carry
 */
export function carries(texts, bytes) {
  const pieces = texts.map(unwrapped);
  const listed = pieces.flat();
  if (listed.length === bytes.length && listed.every((value, i) => value === bytes[i])) return true;
  const blocks = pieces.filter((piece) => typeof piece === "string");
  if (blocks.length < pieces.length) return false;
  return isSubstitution(blocks.flatMap((block) => block.split(/[\s,;:|-]+/).filter(Boolean)), bytes) || codes.some(([size, width]) => isCode(blocks, bytes, size, width));
}

/**
 * Whether each word stands for a byte, always the same one.
 * @param {string[]} words
 * @param {ArrayLike<number>} bytes
 */
function isSubstitution(words, bytes) {
  if (words.length !== bytes.length) return false;
  const written = new Map(words.map((word, i) => [bytes[i], word]));
  return new Set(written.values()).size === written.size && words.every((word, i) => written.get(bytes[i]) === word);
}

/**
 * What is inside of JSON: a list of numbers, or the longest text.
 * @param {string} text
 * @returns {string | number[]}
 */
function unwrapped(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return text.replace(/^data:[^,]*,/, "");
  }
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return text;
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  const inside = Object.values(value).filter((item) => typeof item === "string" || Array.isArray(item));
  if (inside.length === 0) return Object.values(value); // a typed array in JSON is an object with its places
  const longest = inside.reduce((a, b) => (b.length > a.length ? b : a));
  return typeof longest === "string" ? longest : longest.map(Number);
}

/**
 * @param {string[]} texts
 * @param {ArrayLike<number>} bytes
 * @param {number} size of a block in bytes
 * @param {number} width of a block in characters
 */
function isCode(texts, bytes, size, width) {
  const written = new Map();
  const read = new Map();
  let at = 0;
  for (const text of texts) {
    const characters = [...text.replace(/^<~|~>$/g, "").replace(/[=\s]+$/, "")];
    for (let i = 0; i < characters.length; i += width) {
      const block = characters.slice(i, i + width).join("");
      const isWhole = i + width <= characters.length;
      const count = isWhole ? size : Math.floor(((characters.length - i) * size) / width);
      const part = Array.from({ length: count }, (_, k) => bytes[at + k]).join();
      at += count;
      if (count === 0 || at > bytes.length) return false;
      if (!isWhole) continue; // its last bits are as the code likes them
      if ((written.get(part) ?? block) !== block || (read.get(block) ?? part) !== part) return false;
      written.set(part, block);
      read.set(block, part);
    }
  }
  return at === bytes.length;
}
