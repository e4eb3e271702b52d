/**
 * FNV-1a, 32 bits, over UTF-8. For order and check sums, never for secrecy.
 * @param {string} text
 * @returns {number}
 */
export function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** @param {number} value of 32 bits @returns {string} eight hexadecimal digits */
export const hex = (value) => value.toString(16).padStart(8, "0");

/**
 * Letters in an order that depends on the seed alone, so that a new letter does not move the others among themselves.
 * @param {string[]} letters
 * @param {string[]} fixed letters that keep their place
 * @param {string} seed
 * @returns {string[]}
 */
export function shuffle(letters, fixed, seed) {
  // Murmur's final mix: neighbouring letters alone would leave FNV-1a in few orders.
  const rank = (/** @type {string} */ letter) => {
    let value = hash(`${seed}:${letter}`);
    value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const moving = letters.filter((letter) => !fixed.includes(letter)).sort((a, b) => rank(a) - rank(b));
  return letters.map((letter) => (fixed.includes(letter) ? letter : (moving.shift() ?? letter)));
}
