/** Everything that one sandbox remembers. Tests reach it in process, everybody else through the control API. */
import { type Clock, systemClock } from '../src/base/clock.ts'
import { type CallLog, openCallLog } from './call-log.ts'
import { type Faults, openFaults } from './faults.ts'
import { type HibobStore, openHibobStore } from './hibob/store.ts'
import { type Ledger, readLedger } from './ledger.ts'
import type { Leak } from './pinpoint/files.ts'
import { openPinpointStore, type PinpointStore } from './pinpoint/store.ts'
import { openRateWindows, type RateWindows } from './rate-window.ts'
import { openReceiverStore, type ReceiverStore } from './receiver/receiver.ts'

export interface World {
  readonly clock: Clock
  readonly pinpoint: PinpointStore
  readonly hibob: HibobStore
  readonly receivers: ReceiverStore
  readonly faults: Faults
  readonly calls: CallLog
  readonly windows: RateWindows
  readonly leaks: Leak[]
  ledger(): Ledger
  /** Back to one tenant, one company, one receiver, and nothing made. Held calls go on. */
  reset(): void
}

export function openWorld(clock: Clock = systemClock): World {
  const leaks: Leak[] = []
  const state = {
    pinpoint: openPinpointStore(clock),
    hibob: openHibobStore(clock),
    receivers: openReceiverStore(),
    calls: openCallLog(),
  }
  const faults = openFaults()
  const windows = openRateWindows(clock)
  return {
    ...state,
    clock,
    faults,
    windows,
    leaks,
    ledger: () => readLedger({ ...state, leaks }),
    reset() {
      faults.clear()
      windows.reset()
      leaks.length = 0
      for (const part of Object.values(state)) part.reset()
    },
  }
}
