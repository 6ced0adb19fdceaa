/**
 * What expressions depend on besides their input: fixed during one execution of a statement.
 *
 * @module
 */
import type { Span } from "../../query/ast.ts";
import type { ScalarFunction, ScalarSignature } from "../../query/function.ts";
import type { Datum, SqlType } from "../../storage/sql_type.ts";

/** A signature together with the function that it belongs to. */
export interface ResolvedSignature {
  readonly function: ScalarFunction;
  readonly signature: ScalarSignature;
}

/** The part of the function registry that evaluation needs. */
export interface FunctionLookup {
  /** The overload for these argument types. Throws a `QueryError` when there is none. */
  resolveScalar(name: string, argumentTypes: readonly SqlType[], span?: Span): ResolvedSignature;
}

/** Parameters, functions, clock and random source of an execution. */
export interface EvaluationEnvironment {
  readonly parameters: readonly Datum[];
  readonly functions: FunctionLookup;
  /** The statement's timestamp: microseconds since 1970-01-01 UTC. */
  readonly nowMicros: number;
  /** IANA name of the session's time zone. */
  readonly timeZone: string;
  /** A double in [0, 1). */
  readonly random: () => number;
  /** Fail for texts such as `today` that are read as dates or times: values must be the same at any time. */
  readonly refusesMovingText?: boolean;
}
