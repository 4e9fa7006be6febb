// @ts-check

/**
 * The SHA-1 of bytes (RFC 3174), 20 bytes. The browser has it as well, but only
 * on pages that came over https or from this computer.
 * @param {Uint8Array} bytes
 */
export function sha1(bytes) {
  const blocks = new DataView(new ArrayBuffer((((bytes.length + 8) >> 6) + 1) << 6));
  bytes.forEach((byte, i) => blocks.setUint8(i, byte));
  blocks.setUint8(bytes.length, 0x80);
  blocks.setUint32(blocks.byteLength - 4, 8 * bytes.length);

  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Uint32Array(80);
  for (let start = 0; start < blocks.byteLength; start += 64) {
    for (let t = 0; t < 80; t++) {
      words[t] = t < 16 ? blocks.getUint32(start + 4 * t) : left(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
    }
    let [a, b, c, d, e] = hash;
    for (let t = 0; t < 80; t++) {
      const [mixed, constant] = round(t, b, c, d);
      [a, b, c, d, e] = [(left(a, 5) + mixed + e + words[t] + constant) >>> 0, a, left(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((word, i) => (hash[i] = (hash[i] + word) >>> 0));
  }
  const digest = new DataView(new ArrayBuffer(20));
  hash.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

/** What the t-th step mixes in, and its constant (RFC 3174 §5). @param {number} t @param {number} b @param {number} c @param {number} d */
function round(t, b, c, d) {
  if (t < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (t < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (t < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

/** Turns the bits of a word to the left. @param {number} word @param {number} bits */
function left(word, bits) {
  return (word << bits) | (word >>> (32 - bits));
}
