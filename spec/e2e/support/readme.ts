import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./environment.js";

/**
 * What README's line `ACL SETUSER signpost …` grants, word for word, but for the password.
 *
 * @throws an Error when README has no such line, or several
 */
export function readmeRights(password: string): string[] {
  const text = readFileSync(join(checkout, "README.md"), "utf8");
  const lines = [...text.matchAll(/^ +ACL SETUSER signpost (.+)$/gm)];
  const [line] = lines;
  if (line === undefined || lines.length !== 1)
    throw new Error(`README has ${lines.length} lines ACL SETUSER signpost`);
  const words = (line[1] as string).split(" ");
  if (!words.includes(">password")) throw new Error("README's user has another password");
  return words.map((word) => (word === ">password" ? `>${password}` : word));
}
