/**
 * The registry of functions: names to definitions, and calls to signatures.
 *
 * Operators are scalar functions named by their symbol (`+`, `=`, `->>`, `like`); unary minus is `negate`.
 * A lookup is one hash access; resolving an overload is O(signatures * arguments).
 *
 * @module
 */
import { QueryError } from "../base/error.ts";
import { DOUBLE, type SqlType, typeName } from "../storage/sql_type.ts";
import type { Span } from "./ast.ts";
import type {
  AggregateDefinition,
  AggregateSignature,
  ScalarFunction,
  ScalarSignature,
  TableFunctionDefinition,
  TypePattern,
  WindowFunction,
} from "./function.ts";
import { isNumber } from "./coercion.ts";
import { chooseSignature, type SignatureChoice, type SignatureShape } from "./function_signature.ts";
import { suggestion } from "./name_suggestion.ts";

/** What a registry is made of. Later definitions of a name replace earlier ones. */
export interface FunctionRegistryContents {
  readonly scalars?: readonly ScalarFunction[];
  readonly aggregates?: readonly AggregateDefinition[];
  readonly windows?: readonly WindowFunction[];
  readonly tables?: readonly TableFunctionDefinition[];
}

/** A call resolved: its function, overload, the types to cast the arguments to, and the result's type. */
export interface ResolvedCall<Definition, Signature> {
  readonly function: Definition;
  readonly signature: Signature;
  readonly parameterTypes: readonly SqlType[];
  readonly resultType: SqlType;
}
export type ResolvedScalar = ResolvedCall<ScalarFunction, ScalarSignature>;
export type ResolvedAggregate = ResolvedCall<AggregateDefinition, AggregateSignature>;
export type ResolvedWindow = ResolvedCall<WindowFunction, WindowFunction["signatures"][number]>;

/** A resolved table function; it has columns instead of one type. */
export interface ResolvedTable {
  readonly function: TableFunctionDefinition;
  readonly signature: TableFunctionDefinition["signatures"][number];
  readonly parameterTypes: readonly SqlType[];
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

/** Which table of the registry a name is in. */
export type FunctionKind = "scalar" | "aggregate" | "window" | "table";

const OPERATOR_NAME = /^[^a-z_]+$/;
const ARITHMETIC: ReadonlySet<string> = new Set(["+", "-", "*", "/"]);

/** Functions by name. Immutable. */
export class FunctionRegistry {
  readonly #scalars = new Map<string, ScalarFunction>();
  readonly #aggregates = new Map<string, AggregateDefinition>();
  readonly #windows = new Map<string, WindowFunction>();
  readonly #tables = new Map<string, TableFunctionDefinition>();

  constructor(contents: FunctionRegistryContents) {
    for (const one of contents.scalars ?? []) this.#scalars.set(one.name, one);
    for (const one of contents.aggregates ?? []) this.#aggregates.set(one.name, one);
    for (const one of contents.windows ?? []) this.#windows.set(one.name, one);
    for (const one of contents.tables ?? []) this.#tables.set(one.name, one);
  }

  /** The scalar function of that name. */
  scalar(name: string): ScalarFunction | undefined {
    return this.#scalars.get(name);
  }

  /** The aggregate of that name. */
  aggregate(name: string): AggregateDefinition | undefined {
    return this.#aggregates.get(name);
  }

  /** The window function of that name. */
  window(name: string): WindowFunction | undefined {
    return this.#windows.get(name);
  }

  /** The table function of that name. */
  table(name: string): TableFunctionDefinition | undefined {
    return this.#tables.get(name);
  }

  /** All names, or those of one kind; for completion and suggestions. */
  names(kind?: FunctionKind): readonly string[] {
    const maps = {
      scalar: this.#scalars,
      aggregate: this.#aggregates,
      window: this.#windows,
      table: this.#tables,
    };
    const chosen = kind === undefined ? Object.values(maps) : [maps[kind]];
    return [...new Set(chosen.flatMap((map) => [...map.keys()]))].sort();
  }

  /** The overload of a scalar function or operator. Throws `unknown-function` or `type-mismatch`. */
  resolveScalar(name: string, argumentTypes: readonly SqlType[], span?: Span): ResolvedScalar {
    const definition = this.#scalars.get(name);
    if (definition === undefined) throw this.unknownFunction(name, argumentTypes, span);
    const types = ARITHMETIC.has(name) ? withoutMixedReal(argumentTypes) : argumentTypes;
    const choice = choose({ name, signatures: definition.signatures, types, received: argumentTypes, span });
    return resolved(definition, choice);
  }

  /** The overload of an aggregate; sort expressions of WITHIN GROUP come after the direct arguments. */
  resolveAggregate(name: string, argumentTypes: readonly SqlType[], span?: Span): ResolvedAggregate {
    const definition = this.#aggregates.get(name);
    if (definition === undefined) throw this.unknownFunction(name, argumentTypes, span);
    const { signatures } = definition;
    return resolved(
      definition,
      choose({ name, signatures, types: argumentTypes, received: argumentTypes, span }),
    );
  }

  /** The overload of a window function that is no aggregate. */
  resolveWindow(name: string, argumentTypes: readonly SqlType[], span?: Span): ResolvedWindow {
    const definition = this.#windows.get(name);
    if (definition === undefined) throw this.unknownFunction(name, argumentTypes, span);
    const { signatures } = definition;
    return resolved(
      definition,
      choose({ name, signatures, types: argumentTypes, received: argumentTypes, span }),
    );
  }

  /** The overload of a table function. */
  resolveTable(name: string, argumentTypes: readonly SqlType[], span?: Span): ResolvedTable {
    const definition = this.#tables.get(name);
    if (definition === undefined) throw this.unknownFunction(name, argumentTypes, span);
    const { signatures } = definition;
    const choice = choose({ name, signatures, types: argumentTypes, received: argumentTypes, span });
    return { function: definition, ...choice, columns: choice.signature.returns(choice.parameterTypes) };
  }

  /** The error for a name that is in no table, with the nearest known name. */
  unknownFunction(name: string, argumentTypes: readonly SqlType[], span?: Span): QueryError {
    const received = OPERATOR_NAME.test(name)
      ? operatorText(name, argumentTypes)
      : callText(name, argumentTypes);
    const hint = suggestion(name, this.names().filter((one) => !OPERATOR_NAME.test(one)));
    return new QueryError("unknown-function", `Unknown function: received ${received}`, {
      details: { name, ...(span === undefined ? {} : { span }) },
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

interface Choosing<Signature> {
  readonly name: string;
  readonly signatures: readonly Signature[];
  /** The types to choose by, and those to name in errors. */
  readonly types: readonly SqlType[];
  readonly received: readonly SqlType[];
  readonly span: Span | undefined;
}

function choose<Signature extends SignatureShape>(choosing: Choosing<Signature>): SignatureChoice<Signature> {
  const { name, signatures, types, received, span } = choosing;
  const operator = OPERATOR_NAME.test(name);
  const choice = chooseSignature(signatures, types, operator);
  if (choice !== "none" && choice !== "ambiguous") return choice;
  const text = operator ? operatorText(name, received) : callText(name, received);
  const details = { name, argumentTypes: received.map(typeName), ...(span === undefined ? {} : { span }) };
  if (choice === "ambiguous") {
    throw new QueryError("type-mismatch", `Ambiguous call: received ${text}`, {
      details,
      hint: "cast the untyped arguments, as in CAST(x AS type)",
    });
  }
  if (operator) {
    throw new QueryError("type-mismatch", `No operator ${name} for these types: received ${text}`, {
      details,
      hint: "cast one side to the type of the other",
    });
  }
  throw new QueryError("type-mismatch", `No overload of ${name} for these arguments: received ${text}`, {
    details,
    hint: `it takes ${signatures.slice(0, 6).map((one) => signatureText(name, one)).join(" or ")}`,
  });
}

function resolved<
  Definition,
  Signature extends SignatureShape & { readonly returns: SqlType | ((types: readonly SqlType[]) => SqlType) },
>(definition: Definition, choice: SignatureChoice<Signature>): ResolvedCall<Definition, Signature> {
  const { returns } = choice.signature;
  const resultType = typeof returns === "function" ? returns(choice.parameterTypes) : returns;
  return { function: definition, ...choice, resultType };
}

/** REAL beside another kind of number computes in DOUBLE, as PostgreSQL's mixed operators do. */
function withoutMixedReal(types: readonly SqlType[]): readonly SqlType[] {
  const numbers = types.filter(isNumber);
  const mixed = numbers.length === 2 && numbers.some((type) => type.kind === "real") &&
    numbers.some((type) => type.kind !== "real");
  return mixed ? types.map(() => DOUBLE) : types;
}

function callText(name: string, types: readonly SqlType[]): string {
  return `${name}(${types.map(typeName).join(", ")})`;
}

function operatorText(name: string, types: readonly SqlType[]): string {
  const [left, right] = types.map(typeName);
  return right === undefined ? `${name} ${left ?? ""}` : `${left} ${name} ${right}`;
}

/** `substring(TEXT, INTEGER[, INTEGER])`. */
function signatureText(name: string, signature: SignatureShape): string {
  const { parameters, optional = 0, variadic = false } = signature;
  const words = parameters.map(patternText);
  const required = words.slice(0, words.length - optional).join(", ");
  const rest = words.slice(words.length - optional).map((word) => `[, ${word}]`).join("");
  return `${name}(${required}${rest}${variadic ? ", ..." : ""})`;
}

function patternText(pattern: TypePattern): string {
  return pattern === "anyelement" || pattern === "anyarray" ? pattern : pattern.toUpperCase();
}
