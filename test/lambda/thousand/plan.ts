/** What is sent to the receive function, and which invocations are killed, drawn from a seed. */
import { createRandom } from '../../simulation/random.ts'

export interface Options {
  readonly seed: number
  readonly hires: number
  /** Of the invocations of each function, so many are killed. */
  readonly killShare: number
  /** Also when everything is delivered, so that what goes on with a killed one's runs is killed in its turn: that takes long. */
  readonly killsToTheEnd: boolean
  /** How often Lambda tries an asynchronous invocation again that failed: deploy/aws says 0, Lambda's own default is 2. */
  readonly retries: number
  /** Reserved concurrency of each function. */
  readonly receivers: number
  readonly workers: number
}

export interface Delivery {
  /** Which hire it tells of. Those beyond the hires are told of with a wrong signature only, and must not be done. */
  readonly hire: number
  readonly forged: boolean
  readonly base64: boolean
}

const copiesShare = 0.1
const forgedShare = 0.02

/** Each hire once, a tenth of them a second time at some other moment, and some with a wrong signature. */
export function planDeliveries({ seed, hires }: Options): readonly Delivery[] {
  const random = createRandom(seed, 'deliveries')
  const delivery = (hire: number, forged = false) => ({ hire, forged, base64: random.happens(0.5) })
  const originals = Array.from({ length: hires }, (_, hire) => delivery(hire))
  const copies = originals.filter(() => random.happens(copiesShare)).map(({ hire }) => delivery(hire))
  const forged = Array.from({ length: Math.ceil(hires * forgedShare) }, (_, index) =>
    delivery(hires + index, true),
  )
  const placed = [...originals, ...copies, ...forged].map((one) => ({ one, at: random.next() }))
  return placed.sort((a, b) => a.at - b.at).map(({ one }) => one)
}

export interface Moment {
  /** Counted from the first run that the invocation takes, or from its start, when it opens what it needs. */
  readonly from: 'first run' | 'start'
  /** 0 ≤ part < 1 of what usually follows. */
  readonly part: number
}

export interface Kills {
  /** For the next invocation: undefined to let it live. */
  next(): Moment | undefined
  /** It had answered before this moment came: another invocation is killed instead. */
  missed(moment: Moment): void
  /** No more of them. */
  end(): void
}

/** Of each twenty invocations one, where a twentieth is to be killed, so that there are as many as was said. */
export function planKills({ seed, killShare }: Options, functionName: string): Kills {
  const random = createRandom(seed, `kills of ${functionName}`)
  const block = Math.round(1 / killShare)
  const owed: Moment[] = []
  let place = 0
  let chosen = 0
  let ended = killShare === 0
  return {
    next() {
      if (ended) return undefined
      if (place === 0) chosen = random.between(0, block - 1)
      const isChosen = place === chosen
      place = (place + 1) % block
      if (!isChosen) return owed.shift()
      const from = functionName === 'work' && random.happens(0.75) ? 'first run' : 'start'
      return { from, part: random.next() }
    },
    missed: (moment) => owed.push(moment),
    end: () => (ended = true),
  }
}
