/** What the crash kit, and the processes that it kills, load. */
import { badgeDesk } from './index.ts'

export const integrations = [badgeDesk]
