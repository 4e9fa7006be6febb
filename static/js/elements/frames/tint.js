// @ts-check

/** Fields that hold no content, only keep others apart: they share the grey tint. */
const PUNCTUATION = /(\.colon|\.space|[._]end|_boundary|sse\.blank)$/;

/**
 * A field's tint, 1 to 8: the same in every frame, and on the pages that the
 * server writes (tint in package view). The factor was chosen so that fields
 * which stand beside each other differ.
 * @param {string} name
 */
export function tintOf(name) {
  if (PUNCTUATION.test(name)) return 8;
  let sum = 0;
  for (let i = 0; i < name.length; i++) sum = (sum * 3707 + name.charCodeAt(i)) % 65521;
  return (sum % 7) + 1;
}
