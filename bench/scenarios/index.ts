/** What `npm run bench` measures, in this order. */
import type { Scenario } from '../support/figure.ts'
import { ack } from './ack.ts'
import { burst, burstTuned } from './burst.ts'
import { database } from './database.ts'
import { firstCall } from './first-call.ts'
import { flood } from './flood.ts'
import { idle } from './idle.ts'
import { limits } from './limits.ts'
import { longUse } from './long-use.ts'
import { mappingOfOne } from './mapping.ts'
import { memory } from './memory.ts'
import { replay } from './replay.ts'
import { snapshot } from './snapshot.ts'
import { twoWorkers } from './two-workers.ts'
import { upstreamTrouble } from './upstream-trouble.ts'

export const scenarios: readonly Scenario[] = [
  ack,
  firstCall,
  burst,
  burstTuned,
  twoWorkers,
  flood,
  limits,
  mappingOfOne,
  database,
  snapshot,
  replay,
  upstreamTrouble,
  idle,
  memory('memory', { hires: 10_000, onlyByName: false }),
  memory('memory-long', { hires: 100_000, onlyByName: true }),
  longUse,
]
