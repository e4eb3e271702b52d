/** Search: what a query finds, in which order, and what is marked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { find, fold, wanted } from "../../builder/runtime/search.js";

/** @param {string} title @param {string} heading @param {string} text @param {string} [anchor] */
function place(title, heading, text, anchor = "a") {
  const key = fold(heading);
  return { id: "un", anchor, title, heading, text, key, all: key + fold(text) };
}

/** @param {import("../../builder/runtime/search.js").Place[]} places @param {string} query */
const headings = (places, query) => find(places, query).map((found) => found.place.heading);

/** @param {import("../../builder/runtime/search.js").Token[]} tokens */
const marked = (tokens) => tokens.filter(([, isWanted]) => isWanted).map(([text]) => text);

const lock = place("Session", "Verrouiller", "L’écran se verrouille : Windows + L, puis retirez la carte de l’œuvre.");
const words = place("Session", "Mots de passe", "Un mot de passe ne se prête pas.");
const lesson = place("Session", "Session", "Avant de quitter le poste.", "");

test("folding: neither accents, capitals, ligatures nor punctuation; words apart", () => {
  assert.equal(fold("L’Œuvre  d’ÉTÉ, c'est : ça !"), " l oeuvre d ete c est ca ");
  assert.equal(fold(" …! "), "  ");
});

test("what is wanted: beginnings of words, whole words when short, nothing of an elision", () => {
  assert.deepEqual(wanted("l’adresse du QR 4"), [" adresse", " du ", " qr ", " 4 "]);
  assert.deepEqual(wanted("l"), [" l "]);
  assert.deepEqual(wanted(" ?! "), []);
});

test("every word must be there; accents and capitals do not matter", () => {
  const all = [lesson, lock, words];
  assert.deepEqual(headings(all, "ECRAN"), ["Verrouiller"]);
  assert.deepEqual(headings(all, "oeuvre"), ["Verrouiller"]);
  assert.deepEqual(headings(all, "ecran windows"), ["Verrouiller"]);
  assert.deepEqual(headings(all, "ecran prete"), []);
  assert.deepEqual(headings(all, "uvre"), [], "not inside a word");
  assert.deepEqual(headings(all, "depasse"), [], "no word from two");
  for (const query of ["", "  ", "?", "."]) assert.deepEqual(headings(all, query), []);
});

test("a plural finds the singular, and the other way round", () => {
  const one = place("T", "Le réseau", "un mot");
  const many = place("T", "Les réseaux", "des mots");
  assert.deepEqual(headings([one, many], "mots"), ["Les réseaux", "Le réseau"], "what was typed comes first");
  assert.deepEqual(headings([one, many], "réseaux"), ["Les réseaux", "Le réseau"]);
  assert.deepEqual(headings([one, many], "reseau"), ["Le réseau", "Les réseaux"]);
});

test("the lesson's title may hold some of the words, not all", () => {
  assert.deepEqual(headings([lesson, lock, words], "session ecran"), ["Verrouiller"]);
  assert.deepEqual(headings([lesson, lock, words], "session"), ["Session"]);
});

test("titles come before headings, headings before texts, else the order of the course", () => {
  const text = place("A", "Quitter", "Le poste et sa session.");
  const heading = place("B", "Fermer la session", "…");
  const again = place("C", "Encore", "Une session.");
  assert.deepEqual(headings([text, heading, again, lesson], "session"), [
    "Session",
    "Fermer la session",
    "Quitter",
    "Encore",
  ]);
});

test("words that follow each other come before the same words apart", () => {
  const apart = place("A", "Dire", "Le mot que l’on passe à un autre.");
  const together = place("B", "Écrire", "Un mot passe.");
  assert.deepEqual(headings([apart, together], "mot passe"), ["Écrire", "Dire"]);
});

test("marks: whole words, in heading and snippet", () => {
  const [found] = find([words], "mots passe");
  assert.deepEqual(marked(found?.heading ?? []), ["Mots", "passe"]);
  assert.deepEqual(marked(found?.snippet ?? []), ["mot", "passe"]);
  assert.equal(found?.snippet.map(([text]) => text).join(""), words.text);
  assert.deepEqual(marked(find([words], "un mot de passe")[0]?.snippet ?? []), ["mot", "passe"], "not the short ones");
  assert.deepEqual(marked(find([words], "de")[0]?.heading ?? []), ["de"]);
});

test("a snippet of a long text surrounds the first word found", () => {
  const filler = "un deux trois quatre cinq six sept huit neuf dix onze douze ".repeat(20);
  const [found] = find([place("T", "Long", `${filler}la clé ${filler}`)], "cle");
  const snippet = found?.snippet.map(([text]) => text).join("") ?? "";
  assert.match(snippet, /^… .*douze la clé un deux.* …$/);
  assert.ok(snippet.length < 300, snippet);
  const [early] = find([place("T", "Long", `la clé ${filler}`)], "cle");
  assert.match(early?.snippet.map(([text]) => text).join("") ?? "", /^la clé un .* …$/);
});
