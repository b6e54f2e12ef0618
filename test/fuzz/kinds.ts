/** Every kind of throw with its share. The same seed and index give the same throw. */
import { large, largeInChunks, oddBody, signedBeforeGzip } from './kinds-bodies.ts'
import {
  badChunks,
  cutOff,
  goodChunks,
  lyingLength,
  manyHeaders,
  mutatedBody,
  mutatedHead,
  pipelined,
  rubbish,
  smuggling,
  tinyChunks,
} from './kinds-framing.ts'
import { oddHeader, oddHost, oddMethod, oddPath, oddVersion } from './kinds-heads.ts'
import { anybody, nearlyRight } from './kinds-signatures.ts'
import { createRandom } from './random.ts'
import { hire, type Kind, signed, type Throw } from './throw.ts'

/** By a client that keeps its connections, as a proxy does: right and wrong ones share a connection. */
const byClient: Kind = (random) => {
  const body = hire(random)
  const right = random.chance(0.3)
  return {
    kind: 'client: keeps its connection',
    bytes: signed(body, right ? {} : { headers: [['PINPOINT-HMAC-SHA256', 'x']] }),
    expected: right ? 'admitted' : 'refused',
    client: true,
  }
}

const shares: readonly (readonly [share: number, kind: Kind])[] = [
  [20, nearlyRight],
  [4, anybody],
  [12, oddBody],
  [2, signedBeforeGzip],
  [0.2, large],
  [0.1, largeInChunks],
  [5, rubbish],
  [10, mutatedHead],
  [4, mutatedBody],
  [4, lyingLength],
  [3, goodChunks],
  [3, badChunks],
  [1, tinyChunks],
  [3, smuggling],
  [4, cutOff],
  [3, pipelined],
  [1, manyHeaders],
  [4, oddMethod],
  [6, oddPath],
  [6, oddHeader],
  [2, oddHost],
  [2, oddVersion],
  [10, byClient],
]
const sum = shares.reduce((total, [share]) => total + share, 0)

export function throwOf(seed: number, index: number): Throw {
  const random = createRandom(seed, index)
  let left = random.below(1_000_000) / (1_000_000 / sum)
  const [, kind = rubbish] = shares.find(([share]) => (left -= share) < 0) ?? []
  return kind(random)
}
