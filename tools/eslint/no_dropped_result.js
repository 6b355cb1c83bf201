import ts from "typescript";

/**
 * Refuses a statement that drops a result which can be a failure.
 *
 * In Lua a call that fails returns `nil` (or `false`) and the error; a call that stands alone as a statement throws both
 * away. So an expression statement is refused when its type is a `LuaMultiReturn` with a tuple, or a union with a tuple,
 * that carries an error. A tuple carries an error when
 *
 * - one of its elements is labelled `err` or `error` and can be something other than `undefined`, or
 * - its first element can be `undefined`, `null` or `false`, and its second can be a string.
 *
 * A result that is dropped on purpose says why, in a comment on the line above or at the end of the line. (`void call()`
 * is refused too: TypeScriptToLua makes a table of the results, only to drop it.)
 *
 * @example
 * red.close(); // dropped: the connection is of no more use, whether it closes or not
 */
export const noDroppedResult = {
  meta: {
    type: "problem",
    docs: { description: "refuse a statement that drops a result which can be a failure" },
    schema: [],
    messages: {
      dropped:
        "This drops a result that can be a failure. Look at its `err`, or say `// dropped: <why that is right>`.",
      void: "`void` makes a table of the results and still drops a failure. Say `// dropped: <why that is right>` instead.",
    },
  },

  create(context) {
    const { sourceCode } = context;
    const { program, getTypeAtLocation } = sourceCode.parserServices;
    const checker = program.getTypeChecker();

    function check(statement, expression) {
      const isVoid = expression.type === "UnaryExpression" && expression.operator === "void";
      const dropped = isVoid ? expression.argument : expression;
      if (dropped.type === "SequenceExpression") {
        dropped.expressions.forEach((part) => check(statement, part));
      } else if (
        dropped.type !== "AssignmentExpression" &&
        canFail(getTypeAtLocation(dropped), checker) &&
        !saysWhy(statement, sourceCode)
      ) {
        context.report({ node: expression, messageId: isVoid ? "void" : "dropped" });
      }
    }

    return { ExpressionStatement: (statement) => check(statement, statement.expression) };
  },
};

function canFail(type, checker) {
  if (type.isUnion()) {
    return type.types.some((part) => canFail(part, checker));
  }
  if (!type.isIntersection() || type.getProperty("__tstlMultiReturn") === undefined) {
    return false;
  }
  return type.types.some((part) => checker.isTupleType(part) && carriesError(part, checker));
}

function carriesError(tuple, checker) {
  const elements = checker.getTypeArguments(tuple);
  const labels = (tuple.target.labeledElementDeclarations ?? []).map((declaration) => declaration?.name.getText());
  if (elements.some((element, i) => /^err(or)?$/.test(labels[i]) && !isOnly(element, NOTHING))) {
    return true;
  }
  const isOptional = (tuple.target.elementFlags[0] & ts.ElementFlags.Optional) !== 0;
  const [first, second] = elements;
  return second !== undefined && (isOptional || canBe(first, FALSY)) && canBe(second, STRING);
}

const UNTYPED = ts.TypeFlags.Any | ts.TypeFlags.Unknown;
const NOTHING = ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never;
const STRING = ts.TypeFlags.StringLike | UNTYPED;
const FALSY = ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Null | UNTYPED;

function canBe(type, flags) {
  return partsOf(type).some((part) => (part.flags & flags) !== 0 || (flags === FALSY && isFalse(part)));
}

function isOnly(type, flags) {
  return partsOf(type).every((part) => (part.flags & flags) !== 0);
}

function partsOf(type) {
  return type.isUnion() ? type.types : [type];
}

function isFalse(type) {
  return (type.flags & ts.TypeFlags.BooleanLiteral) !== 0 && type.intrinsicName === "false";
}

function saysWhy(statement, sourceCode) {
  const above = sourceCode.getCommentsBefore(statement).at(-1);
  const beside = sourceCode.getCommentsAfter(statement)[0];
  return (
    (above !== undefined &&
      above.loc.end.line >= statement.loc.start.line - 1 &&
      startsItsLine(above, sourceCode) &&
      isReason(above)) ||
    (beside !== undefined && beside.loc.start.line === statement.loc.end.line && isReason(beside))
  );
}

/** A comment at the end of the line above speaks of that line. */
function startsItsLine(comment, sourceCode) {
  const before = sourceCode.getTokenBefore(comment);
  return before === null || before.loc.end.line < comment.loc.start.line;
}

function isReason(comment) {
  return /^\s*dropped: \S/.test(comment.value);
}
