/**
 * How aggregates enter the registry.
 *
 * @module
 */
import type { AggregateDefinition } from "../function.ts";

/**
 * Hides the type of an aggregate's state. The engine only hands a state back to the definition whose `init`
 * made it, so nothing outside needs to know the type.
 */
export function aggregate<State>(definition: AggregateDefinition<State>): AggregateDefinition {
  // Sound by the contract above: a state never meets another definition.
  return definition as unknown as AggregateDefinition;
}
