/** Chance from a seed: the same seed and index throw the same bytes, whatever ran before. */

export interface Random {
  /** 0 ≤ n < limit, whole. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(choices: readonly T[]): T
  bytes(length: number): Buffer
}

/** sfc32, https://pracrand.sourceforge.net/RNG_engines.txt */
export function createRandom(seed: number, index: number): Random {
  let [a, b, c, d] = [seed | 0, (seed / 2 ** 32) | 0, index | 0, 1]
  const next = (): number => {
    const sum = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) next()
  const below = (limit: number) => Math.floor((next() / 2 ** 32) * limit)
  return {
    below,
    chance: (probability) => next() / 2 ** 32 < probability,
    pick<T>(choices: readonly T[]): T {
      const chosen = choices[below(choices.length)]
      if (chosen === undefined) throw new Error('nothing to pick from')
      return chosen
    },
    bytes: (length) => Buffer.from(Uint8Array.from({ length }, () => next() & 255)),
  }
}
