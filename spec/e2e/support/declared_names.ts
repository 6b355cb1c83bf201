import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * The names that a TypeScript file declares for others to use: members of its interfaces, and its functions by the name
 * they are exported under.
 *
 * @param onlyInterfaces the interfaces looked at; all of them unless given
 */
export function declaredNames(file: string, onlyInterfaces?: readonly string[]): string[] {
  const names: string[] = [];
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  return names;

  function visit(node: ts.Node): void {
    const isLookedAt = ts.isInterfaceDeclaration(node) && onlyInterfaces?.includes(node.name.text) !== false;
    const named = isLookedAt ? node.members : ts.isExportSpecifier(node) ? [node] : [];
    for (const { name } of named) if (name !== undefined && ts.isIdentifier(name)) names.push(name.text);
    ts.forEachChild(node, visit);
  }
}
