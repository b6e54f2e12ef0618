/** Every command, in the order of the help. */
import { apply } from './apply.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import type { Command } from './command.ts'
import { completionOf } from './completion.ts'
import { connectionsDisable, connectionsEnable, connectionsList } from './connections.ts'
import { connectionsCheck } from './connections-check.ts'
import { connectionsFields } from './connections-fields.ts'
import { connectionsShow } from './connections-show.ts'
import { demo } from './demo.ts'
import { doctor } from './doctor.ts'
import { eventsList, eventsShow } from './events.ts'
import { keysList, keysRotate } from './keys.ts'
import { mappingDiff, mappingHistory, mappingShow } from './mapping.ts'
import { mappingSuggest } from './mapping-suggest.ts'
import { mappingTest } from './mapping-test.ts'
import { migrate } from './migrate.ts'
import { preview } from './preview.ts'
import { quarantineList, quarantinePurge, quarantineShow, quarantineVerify } from './quarantine.ts'
import { replay } from './replay.ts'
import { runsCancel } from './runs.ts'
import { runsList } from './runs-list.ts'
import { runsResume } from './runs-resume.ts'
import { runsShow } from './runs-show.ts'
import { sandbox } from './sandbox.ts'
import { send } from './send.ts'
import { serve } from './serve.ts'
import { sourcesList } from './sources-list.ts'
import { status } from './status.ts'
import { sweep } from './sweep.ts'
import { tenantsList, tenantsRemove, tenantsShow } from './tenants.ts'
import { why } from './why.ts'

export const commands: readonly Command[] = [
  serve,
  demo,
  sandbox,
  apply,
  status,
  why,
  tenantsList,
  tenantsShow,
  tenantsRemove,
  connectionsList,
  connectionsShow,
  connectionsFields,
  connectionsEnable,
  connectionsDisable,
  connectionsCheck,
  sourcesList,
  mappingShow,
  mappingHistory,
  mappingDiff,
  mappingTest,
  mappingSuggest,
  eventsList,
  eventsShow,
  runsList,
  runsShow,
  runsResume,
  runsCancel,
  preview,
  replay,
  quarantineList,
  quarantineShow,
  quarantineVerify,
  quarantinePurge,
  audit,
  sweep,
  send,
  keysList,
  keysRotate,
  backup,
  migrate,
  doctor,
  completionOf(() => commands),
]
