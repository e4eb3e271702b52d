/** What `@learninglocker/xapi-validation` says of statements: JSON lines in, for each a line with its complaints. */
import { readFileSync } from "node:fs";
import validation from "@learninglocker/xapi-validation";

/** @typedef {{name: string, path: string[], typeName?: string}} Warning */

const validate = /** @type {(statement: unknown) => Warning[]} */ (/** @type {any} */ (validation).default);
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const complaints = validate(JSON.parse(line));
  console.log(
    JSON.stringify(complaints.map(({ name, path, typeName }) => `${path.join(".")}: ${name} ${typeName ?? ""}`)),
  );
}
