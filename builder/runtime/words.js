/**
 * The learner's words, and numbers in the language of the course.
 *
 * A text may hold `{name}`; with a number `n` the plural form is taken, `key.one` or `key.other` (CLDR's categories).
 */

/** @typedef {ReturnType<typeof openWords>} Words */

/**
 * @param {Record<string, string>} strings
 * @param {string} language BCP 47
 */
export function openWords(strings, language) {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 10 });
  const hundredths = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
  const days = new Intl.DateTimeFormat(language, { dateStyle: "long" });
  const dates = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

  return {
    /** @param {string} key @param {Record<string, string | number>} [values] @returns {string} */
    t(key, values = {}) {
      const form = typeof values.n === "number" ? plurals.select(values.n) : "other";
      const text = strings[`${key}.${form}`] ?? strings[`${key}.other`] ?? strings[key] ?? key;
      return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name] ?? whole;
        return typeof value === "number" ? hundredths.format(value) : value;
      });
    },
    number: (/** @type {number} */ value) => numbers.format(value),
    /** @param {number} value 0–100 */
    percent: (value) => percents.format(value / 100),
    date: (/** @type {Date} */ value) => dates.format(value),
    day: (/** @type {Date} */ value) => days.format(value),
  };
}
