/** Every integration there is. A new one is its folder and its name here. */
import type { Integration } from '../sdk/integration.ts'
import { hibob } from './hibob/index.ts'
import { webhook } from './webhook/index.ts'

export const integrations: readonly Integration[] = [hibob, webhook]
