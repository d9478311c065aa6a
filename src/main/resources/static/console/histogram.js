/**
 * What was measured between two looks at a histogram `{buckets: [{seconds, count}, …], count}`, whose buckets are cumulative, shortest
 * first.
 *
 * @return the quantile in milliseconds, interpolated within its bucket; the last bound if it is longer than that; null if
 *     nothing was measured
 */
export function quantile(before, after, fraction) {
  const total = after.count - before.count;
  if (total <= 0) {
    return null;
  }
  const rank = fraction * total;
  let lowest = 0;
  let below = 0;
  for (const [index, { seconds, count }] of after.buckets.entries()) {
    const upTo = count - (before.buckets[index]?.count ?? 0);
    if (upTo >= rank && upTo > below) {
      return (lowest + ((seconds - lowest) * (rank - below)) / (upTo - below)) * 1000;
    }
    lowest = seconds;
    below = upTo;
  }
  return lowest * 1000;
}
