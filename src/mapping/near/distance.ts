/**
 * In how many letters two texts differ, or `Infinity` where it is more than `limit`: only what can still be within it is worked out, which is a
 * band around the diagonal, and nothing once a whole row of it is beyond.
 */
export function distanceWithin(one: string, other: string, limit: number): number {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  const width = Math.min(limit, long.length)
  if (long.length - short.length > width) return Infinity
  let row = Array.from({ length: short.length + 1 }, (_, at) => at)
  let next = row.slice()
  for (let at = 1; at <= long.length; at++) {
    const from = Math.max(1, at - width)
    const to = Math.min(short.length, at + width)
    const letter = long.charCodeAt(at - 1)
    // Beyond the band it is more than the limit anyway.
    next[from - 1] = from === 1 ? at : Infinity
    let least = next[from - 1] ?? Infinity
    for (let column = from; column <= to; column++) {
      const changed = (row[column - 1] ?? Infinity) + (short.charCodeAt(column - 1) === letter ? 0 : 1)
      const left = (next[column - 1] ?? Infinity) + 1
      const above = column < at + width ? (row[column] ?? Infinity) + 1 : Infinity
      const best = Math.min(changed, left, above)
      next[column] = best
      if (best < least) least = best
    }
    if (least > limit) return Infinity
    ;[row, next] = [next, row]
  }
  const distance = row[short.length] ?? Infinity
  return distance > limit ? Infinity : distance
}
