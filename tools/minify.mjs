/**
 * `node tools/minify.mjs FILE…`: makes scripts smaller, in place. esbuild alone leaves about 8 % more, gzipped.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { minify } from "terser";

for (const file of process.argv.slice(2)) {
  const { code } = await minify(readFileSync(file, "utf8"), {
    compress: { passes: 3, ecma: 2020, unsafe_arrows: true },
    format: { ascii_only: true },
  });
  writeFileSync(file, `${code}\n`);
}
