/** What `npm run bench` measures, in this order. */
import type { Scenario } from '../support/figure.ts'
import { ack } from './ack.ts'
import { burst } from './burst.ts'

export const scenarios: readonly Scenario[] = [ack, burst]
