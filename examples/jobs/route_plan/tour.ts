/** A place on a plane. */
export interface Place {
  x: number;
  y: number;
}

/** Returns a round trip from the first place that always goes on to the nearest one that is left. */
export function nearestFirst(places: readonly Place[]): number[] {
  const left = new Set(places.keys());
  const tour = [0];
  left.delete(0);
  while (left.size > 0) {
    const here = places[tour.at(-1)!]!;
    let nearest = -1;
    for (const next of left) {
      if (nearest < 0 || distance(here, places[next]!) < distance(here, places[nearest]!)) {
        nearest = next;
      }
    }
    left.delete(nearest);
    tour.push(nearest);
  }
  return tour;
}

/**
 * Tries each pair of legs of a round trip once and turns the part between them around where that is
 * shorter (2-opt). Returns whether the trip has changed.
 */
export function improve(places: readonly Place[], tour: number[]): boolean {
  let changed = false;
  const at = (position: number) => places[tour[position % tour.length]!]!;
  for (let first = 0; first < tour.length - 1; first++) {
    for (let second = first + 2; second < tour.length; second++) {
      const now = distance(at(first), at(first + 1)) + distance(at(second), at(second + 1));
      const then = distance(at(first), at(second)) + distance(at(first + 1), at(second + 1));
      if (then >= now - 1e-9) continue;
      turnAround(tour, first + 1, second);
      changed = true;
    }
  }
  return changed;
}

/** Returns the length of a round trip. */
export function lengthOf(places: readonly Place[], tour: readonly number[]): number {
  return tour.reduce(
    (sum, place, position) =>
      sum + distance(places[place]!, places[tour[(position + 1) % tour.length]!]!),
    0,
  );
}

function turnAround(tour: number[], from: number, to: number): void {
  for (let left = from, right = to; left < right; left++, right--) {
    [tour[left], tour[right]] = [tour[right]!, tour[left]!];
  }
}

function distance(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
