/** What `npm run bench` measures, in this order. */
import type { Scenario } from '../support/figure.ts'
import { ack } from './ack.ts'

export const scenarios: readonly Scenario[] = [ack]
