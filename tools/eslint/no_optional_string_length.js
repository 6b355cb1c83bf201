import ts from "typescript";

/**
 * Refuses `text?.length` on a string.
 *
 * TypeScriptToLua makes of it a look-up of a field `length`, which no Lua string has: the result is always `nil`. (Of
 * `text.length`, and of `list?.length` on an array, it makes `#`.)
 */
export const noOptionalStringLength = {
  meta: {
    type: "problem",
    docs: { description: "refuse the length of a string behind ?." },
    schema: [],
    messages: { absent: "In Lua, this is always nil. Look whether the string is there first, then take its length." },
  },

  create(context) {
    const { getTypeAtLocation } = context.sourceCode.parserServices;
    return {
      "MemberExpression[optional=true][property.name='length']": (node) => {
        if (hasString(getTypeAtLocation(node.object))) context.report({ node, messageId: "absent" });
      },
    };
  },
};

function hasString(type) {
  return (type.isUnion() ? type.types : [type]).some((part) => (part.flags & ts.TypeFlags.StringLike) !== 0);
}
