/**
 * Runs a little world once for every way in which its choices can fall: depth first, each time from the start. Two ways that lead
 * to the same state are followed once. Nothing is drawn at random, so what it reports it reports again.
 */

/** Picks one of several alternatives; the explorer sees to it that each is picked once. */
export interface Chooser {
  /**
   * `state` is everything that what follows depends on, as text. Undefined: the rest of this way was already followed from an
   * equal state, and the world must end.
   */
  choose(state: () => string, alternatives: number): number | undefined
}

export interface Explored {
  /** Ways followed to their end. */
  readonly ways: number
  readonly states: number
}

export async function explore(
  run: (chooser: Chooser) => Promise<void>,
  { mostWays }: { readonly mostWays: number },
): Promise<Explored> {
  const trail: { chosen: number; readonly alternatives: number }[] = []
  const seen = new Set<string>()
  for (let ways = 1; ; ways++) {
    if (ways > mostWays) throw new Error(`more than ${mostWays} ways: the world is not small`)
    let depth = 0
    await run({
      choose(state, alternatives) {
        const known = trail[depth]
        if (known !== undefined) {
          depth += 1
          return known.chosen
        }
        const fingerprint = state()
        if (seen.has(fingerprint)) return undefined
        seen.add(fingerprint)
        trail.push({ chosen: 0, alternatives })
        depth += 1
        return 0
      },
    })
    while (trail.length > 0 && (trail.at(-1)?.chosen ?? 0) + 1 >= (trail.at(-1)?.alternatives ?? 0))
      trail.pop()
    const last = trail.at(-1)
    if (last === undefined) return { ways, states: seen.size }
    last.chosen += 1
  }
}
