/**
 * The nearest known name to a misspelt one, for the hints of error messages.
 *
 * Damerau-Levenshtein distance (optimal string alignment) over lower-cased names. A name is near when at most
 * a third of its characters differ; a shared prefix of three characters breaks ties. O(n * m) a candidate, and
 * candidates whose length alone rules them out are skipped.
 *
 * @module
 */

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** The candidate nearest to `name`, or undefined when none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestScore = Infinity;
  for (const candidate of new Set(candidates)) {
    const known = candidate.toLowerCase();
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, known.length) / 3));
    if (Math.abs(known.length - wanted.length) > limit && !known.endsWith(`_${wanted}`)) continue;
    let score = editDistance(wanted, known);
    if (score > limit) {
      if (!known.endsWith(`_${wanted}`)) continue;
      score = limit;
    }
    if (known.slice(0, 3) !== wanted.slice(0, 3)) score += 0.5;
    if (score < bestScore) {
      bestScore = score;
      best = candidate;
    }
  }
  return best;
}

/** `did you mean "x"?` when a candidate is near. */
export function suggestion(name: string, candidates: Iterable<string>): string | undefined {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}
