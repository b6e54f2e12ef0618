/** What a benchmark tells: two figures of one run, their ratio, and the bar that one of the three must clear. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly ours: number
  /** Measured beside it, in the same round. Unset: the figure stands for itself. */
  readonly baseline?: number | undefined
  readonly bar?: Bar | undefined
}

export interface Bar {
  readonly of: 'ours' | 'ratio'
  readonly atMost?: number
  readonly atLeast?: number
}

/** A benchmark: opened once, measured in several rounds. */
export interface Scenario {
  readonly name: string
  /** What is compared with what, in a sentence. */
  readonly about: string
  /** Takes long: runs only when it is asked for. */
  readonly onlyByName?: boolean
  open(options: ScenarioOptions): Promise<Round>
}

export interface ScenarioOptions {
  /** Short: to see that it works, not to believe its figures. */
  readonly quick: boolean
  /** What is opened is closed in the end, the last first, also when a measurement fails. */
  readonly closing: <T extends { close(): Promise<void> }>(opened: T) => T
}

/** Measures one round. */
export type Round = () => Promise<readonly Figure[]>
