/**
 * Casts that the binder inserts: toward parameter types, common types, and columns.
 *
 * A literal is converted at once, so that plans hold values of the final type. An open parameter takes the
 * type that its first use asks for. Anything else gets a cast node.
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { BOOLEAN, NULL_TYPE, NUMERIC, sameType, type SqlType, TEXT, typeName } from "../storage/sql_type.ts";
import type { Span } from "./ast.ts";
import { at, type BindContext, typeMismatch } from "./bind_context.ts";
import { convertedLiteral, decimalFromText, textLiteralAs, typeText } from "./bind_literal.ts";
import { commonTypeOf, isAssignable, isCastable, isImplicit, typeOrText } from "./coercion.ts";
import type { Scalar } from "./plan.ts";

/** Whether the type of the expression is still open: a bare NULL, a string literal or a parameter. */
export function isUntyped(scalar: Scalar): boolean {
  return scalar.type.kind === "null";
}

/** `scalar` as `type`, without asking whether that may happen silently. */
export function coerce(scalar: Scalar, type: SqlType, context: BindContext): Scalar {
  if (scalar.type.kind === "null") return decided(scalar, type, context);
  if (sameType(scalar.type, type)) return scalar;
  // VARCHAR(n) is TEXT already.
  if (scalar.type.kind === "text" && type.kind === "text" && type.maxLength === undefined) return scalar;
  if (scalar.kind === "literal") {
    const converted = convertedLiteral(scalar, type, false);
    if (converted !== undefined) return converted;
  }
  return castTo(scalar, type, { explicit: false, tolerant: false });
}

/** An expression whose type was open, now of `type`. */
function decided(scalar: Scalar, type: SqlType, context: BindContext): Scalar {
  if (type.kind === "null") return scalar;
  switch (scalar.kind) {
    case "literal":
      if (typeof scalar.value !== "string") return { ...scalar, type };
      return textLiteralAs({ text: scalar.value, type, span: scalar.span, explicit: false });
    case "parameter": {
      // A parameter with the scale of its neighbour would round what it is compared with.
      const known = context.decideParameter(scalar.index, type.kind === "decimal" ? NUMERIC : type);
      return coerce({ ...scalar, type: known }, type.kind === "decimal" ? known : type, context);
    }
    default:
      return castTo(scalar, type, { explicit: false, tolerant: false });
  }
}

function castTo(
  argument: Scalar,
  type: SqlType,
  { explicit, tolerant, span = argument.span }: {
    explicit: boolean;
    tolerant: boolean;
    span?: Span | undefined;
  },
): Scalar {
  return { kind: "cast", argument, type, tolerant, explicit, ...(span === undefined ? {} : { span }) };
}

/** `scalar` with an open type decided as TEXT. */
export function textUnlessTyped(scalar: Scalar, context: BindContext): Scalar {
  return isUntyped(scalar) ? coerce(scalar, TEXT, context) : scalar;
}

/** `scalar` as `type` where only implicit casts may stand; `what` names it in the error. */
export function coerceImplicit(scalar: Scalar, type: SqlType, what: string, context: BindContext): Scalar {
  if (!isImplicit(scalar.type, type)) throw typeMismatch(what, typeName(type), scalar.type, scalar.span);
  return coerce(scalar, type, context);
}

/** A condition. */
export function coerceBoolean(scalar: Scalar, clause: string, context: BindContext): Scalar {
  if (scalar.type.kind !== "boolean" && !isUntyped(scalar)) {
    throw typeMismatch(`The argument of ${clause}`, "BOOLEAN", scalar.type, scalar.span);
  }
  return coerce(scalar, BOOLEAN, context);
}

/** `scalar` as it is stored in column `name` of `type`. */
export function coerceForAssignment(
  scalar: Scalar,
  type: SqlType,
  name: string,
  context: BindContext,
): Scalar {
  if (isUntyped(scalar)) {
    if (scalar.kind !== "parameter") return coerce(scalar, type, context);
    const known = context.decideParameter(scalar.index, type);
    return coerceForAssignment({ ...scalar, type: known }, type, name, context);
  }
  if (!isAssignable(scalar.type, type)) {
    const received = typeName(scalar.type);
    throw new QueryError("type-mismatch", `Column "${name}" is ${typeName(type)}: received ${received}`, {
      details: at(scalar.span, { column: name, received }),
      hint: `write CAST(... AS ${typeName(type)})`,
    });
  }
  return coerce(scalar, type, context);
}

/** `CAST(scalar AS type)` as the user wrote it. */
export function explicitCast(
  scalar: Scalar,
  type: SqlType,
  { tolerant, span, context }: { tolerant: boolean; span: Span | undefined; context: BindContext },
): Scalar {
  if (isUntyped(scalar)) return castUntyped(scalar, type, { tolerant, span, context });
  if (sameType(scalar.type, type)) return scalar;
  if (!isCastable(scalar.type, type)) {
    throw new QueryError("invalid-cast", `Cannot cast ${typeText(scalar.type)} to ${typeName(type)}`, {
      details: at(span, { from: typeName(scalar.type), to: typeName(type) }),
      hint: "cast to TEXT first if the text has the form of the target type",
    });
  }
  if (scalar.kind === "literal") {
    const converted = convertedLiteral(scalar, type, true);
    if (converted !== undefined) return converted;
  }
  return castTo(scalar, type, { explicit: true, tolerant, span });
}

function castUntyped(
  scalar: Scalar,
  type: SqlType,
  { tolerant, span, context }: { tolerant: boolean; span: Span | undefined; context: BindContext },
): Scalar {
  if (scalar.kind === "parameter") {
    const known = context.decideParameter(scalar.index, type);
    return explicitCast({ ...scalar, type: known }, type, { tolerant, span, context });
  }
  if (scalar.kind !== "literal" || typeof scalar.value !== "string") return coerce(scalar, type, context);
  if (!tolerant) return textLiteralAs({ text: scalar.value, type, span: scalar.span, explicit: true });
  try {
    return textLiteralAs({ text: scalar.value, type, span: scalar.span, explicit: true });
  } catch (error) {
    if (error instanceof QueryError) return { kind: "literal", value: null, type };
    throw error;
  }
}

/** Expressions with their one type. */
export interface Unified {
  readonly scalars: readonly Scalar[];
  readonly type: SqlType;
}

/**
 * All expressions in the common type that CASE, IN, VALUES and the like need; TEXT when every one is untyped.
 * `what` names the construct in the error: `CASE`.
 */
export function unify(scalars: readonly Scalar[], what: string, context: BindContext): Unified {
  const type = typeOrText(commonTypeFor(scalars, what));
  if (type.kind !== "decimal") return { scalars: scalars.map((one) => coerce(one, type, context)), type };
  // '1.005' beside a DECIMAL(10,2) is a number of its own scale, not one to round.
  const typed = scalars.map((one) => decimalFromText(one) ?? one);
  const open = typed.some((one) => one.kind === "parameter" && isUntyped(one));
  const wider = open ? NUMERIC : typeOrText(commonTypeFor(typed, what));
  return { scalars: typed.map((one) => coerce(one, wider, context)), type: wider };
}

function commonTypeFor(scalars: readonly Scalar[], what: string): SqlType {
  const type = commonTypeOf(scalars.map((one) => one.type));
  if (type !== undefined) return type;
  const types = [...new Set(scalars.filter((one) => !isUntyped(one)).map((one) => typeName(one.type)))];
  const odd = scalars.find((_, i) =>
    commonTypeOf(scalars.slice(0, i + 1).map((each) => each.type)) === undefined
  );
  throw new QueryError(
    "type-mismatch",
    `${what} mixes types that do not meet: received ${types.join(" and ")}`,
    {
      details: at((odd ?? scalars[0])?.span, { types }),
      hint: "cast them to one type",
    },
  );
}

/** The common type of output columns, NULL_TYPE when all are untyped. */
export function commonColumnType(types: readonly SqlType[], what: string, span: Span | undefined): SqlType {
  const type = commonTypeOf(types);
  if (type !== undefined) return type;
  const received = types.map(typeName);
  throw new QueryError(
    "type-mismatch",
    `${what} mixes types that do not meet: received ${received.join(" and ")}`,
    {
      details: at(span, { types: received }),
      hint: "cast them to one type",
    },
  );
}

/** The untyped NULL. */
export const UNTYPED_NULL: Scalar = { kind: "literal", value: null, type: NULL_TYPE };
