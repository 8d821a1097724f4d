/** Curves made ready for a chart: on one axis, and smoothed. */

interface Points {
  xs: readonly number[];
  ys: readonly (number | null)[];
}

/** All places on the axis in order, then for each curve its value there; undefined where it has none. */
export function aligned(curves: readonly Points[]): [number[], ...(number | null | undefined)[][]] {
  const places = [...new Set(curves.flatMap((curve) => curve.xs))].sort((one, other) => one - other);
  const index = new Map(places.map((place, at) => [place, at]));
  const columns = curves.map((curve) => {
    const column: (number | null | undefined)[] = new Array<undefined>(places.length).fill(undefined);
    curve.xs.forEach((x, at) => { column[index.get(x) ?? 0] = curve.ys[at] ?? null; });
    return column;
  });
  return [places, ...columns];
}

/** A running mean in which older values fade; 0 leaves them as they are, 0.99 hardly moves. The first values do not drag. */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [mean, sum] = [0, 0];
  return values.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    mean = mean * weight + value * (1 - weight);
    sum = sum * weight + (1 - weight);
    return mean / sum;
  });
}
