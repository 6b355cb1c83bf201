import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * The names that a TypeScript file declares for others to use: members of its interfaces, and what its modules export,
 * by the name it is exported under.
 *
 * @param onlyInterfaces the interfaces looked at; all of them unless given
 */
export function declaredNames(file: string, onlyInterfaces?: readonly string[]): string[] {
  const names: string[] = [];
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest));
  return names;

  function visit(node: ts.Node): void {
    const isLookedAt = ts.isInterfaceDeclaration(node) && onlyInterfaces?.includes(node.name.text) !== false;
    for (const { name } of isLookedAt ? node.members : exported(node)) {
      if (name !== undefined && ts.isIdentifier(name)) names.push(name.text);
    }
    ts.forEachChild(node, visit);
  }
}

/** What a node exports that is there when the program runs. */
function exported(node: ts.Node): readonly ts.NamedDeclaration[] {
  if (ts.isExportSpecifier(node)) return [node];
  const isExported =
    ts.canHaveModifiers(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (isExported !== true) return [];
  if (ts.isFunctionDeclaration(node)) return [node];
  return ts.isVariableStatement(node) ? node.declarationList.declarations : [];
}
