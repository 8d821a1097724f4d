/** Rules of a field, from functions that name what is wrong. */

import type { TFunction } from "i18next";

import { readPlace } from "../../kit/bucket-picker";

export interface Rule<V> {
  validator: (rule: unknown, value: V) => Promise<void>;
}

/** What is wrong with a value, told in words; null where nothing is. */
export function rule<V, P extends string>(problemOf: (value: V) => P | null, words: (problem: P) => string): Rule<V> {
  return {
    validator: (_, value) => {
      const problem = problemOf(value);
      return problem === null ? Promise.resolve() : Promise.reject(new Error(words(problem)));
    },
  };
}

/** A place in a bucket. */
export function placeRule(t: TFunction, needed = false): Rule<string | undefined> {
  return rule((value) => (!value ? (needed ? "needed" : null) : readPlace(value) ? null : "place"), (problem) => t(problem === "needed" ? "kit.needed" : "create.placeRule"));
}
