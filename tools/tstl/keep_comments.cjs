// A plugin of TypeScriptToLua that carries comments over to the Lua, which is what users read.
//
// TypeScriptToLua prints doc comments, but loses those of functions that it hoists, and all comments of lines (`//`) and
// of files. With this plugin each statement keeps the comments that stand before it or at the end of its line. Comments
// inside expressions, such as on the fields of an object, and on types have no place in the Lua and are left out.
const ts = require("typescript");
const lua = require("typescript-to-lua");

const { SyntaxKind } = ts;

/** What tools read, not people. */
const DIRECTIVE = /^\W*(eslint|prettier|@ts-)/;

const STATEMENTS = [
  SyntaxKind.BreakStatement,
  SyntaxKind.DoStatement,
  SyntaxKind.ExpressionStatement,
  SyntaxKind.ForOfStatement,
  SyntaxKind.ForStatement,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.IfStatement,
  SyntaxKind.ReturnStatement,
  SyntaxKind.VariableStatement,
  SyntaxKind.WhileStatement,
];

/** The comments of the file's functions, by where each begins: hoisting puts an assignment in a function's place. */
const ofFunctions = new Map();

module.exports = {
  visitors: {
    ...Object.fromEntries(STATEMENTS.map((kind) => [kind, keepComments])),
    [SyntaxKind.SourceFile]: (source, context) => {
      ofFunctions.clear();
      const [file] = context.superTransformNode(source);
      giveBack(file);
      const first = source.statements[0];
      // What stands before the imports is said of the file.
      if (first !== undefined && ts.isImportDeclaration(first)) addComments(file.statements[0], commentsOf(first));
      return file;
    },
  },
};

function keepComments(node, context) {
  const statements = [context.superTransformNode(node)].flat();
  const comments = commentsOf(node);
  if (ts.isFunctionDeclaration(node)) {
    const { line, character } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
    ofFunctions.set(`${line}:${character}`, comments);
  }
  addComments(statements[0], comments);
  return statements;
}

/** Gives hoisted functions, wherever they are in the Lua, their comments back. */
function giveBack(node) {
  if (Array.isArray(node)) {
    for (const one of node) giveBack(one);
  } else if (typeof node?.kind === "number") {
    const value = lua.isAssignmentStatement(node) ? node.right[0] : undefined;
    if (value !== undefined) addComments(node, ofFunctions.get(`${value.line}:${value.column}`) ?? []);
    giveBack(Object.values(node));
  }
}

/** Unless there are some, which TypeScriptToLua has printed itself. */
function addComments(statement, comments) {
  if (statement !== undefined && comments.length > 0) statement.leadingComments ??= comments;
}

/** @returns the lines of all comments before a node and at the end of its line, as Lua has them after its two dashes */
function commentsOf(node) {
  const { text } = node.getSourceFile();
  const before = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [];
  const after = ts.getTrailingCommentRanges(text, node.getEnd()) ?? [];
  return [...before, ...after].flatMap(({ pos, end }) => linesOf(text.slice(pos, end)));
}

/** A doc comment begins with three dashes. */
function linesOf(comment) {
  const isDoc = comment.startsWith("/**");
  const text = comment.replace(/^\/\*+|^\/\/|\*\/$/g, "").trim();
  if (DIRECTIVE.test(text)) return [];
  const lines = text.split("\n").map((line) => line.replace(/^\s*\* ?/, ""));
  return lines.map((line, i) => (isDoc && i === 0 ? `- ${line}` : line === "" ? "" : ` ${line}`));
}
