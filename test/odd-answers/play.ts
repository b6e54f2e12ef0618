/**
 * One hire through the real engine while something that Pinpoint, HiBob or the CV's host answers is odd: until it is at rest. Then the
 * answers are as they should be, somebody looks after what waits for a person, and it is at rest again. What is told of it are the
 * promises that were broken.
 */
import type { Employee } from '../../sandbox/hibob/employee-store.ts'
import type { FaultRule } from '../../sandbox/index.ts'
import type { World } from '../../sandbox/world.ts'
import { personIn, wrongPersonTold } from '../../sandbox/wrong-person.ts'
import { stuck, undecided } from '../simulation/oracle.ts'
import type { HirePlan, Scenario } from '../simulation/scenario.ts'
import { createWorld, type SimulationOptions, start } from '../simulation/simulate.ts'
import type { MemoryDatabase } from '../support/memory/database.ts'

export type Odd = Pick<FaultRule, 'system' | 'operation' | 'effect' | 'times'>

/** Who is in HiBob before: nobody, the hire, or somebody else who has the hire's address. */
export type There = 'nobody' | 'theirs' | 'other'

export interface Played {
  readonly broken: readonly string[]
  /** Where the run was when it was at rest for the first time. */
  readonly state: string
  readonly code: string | undefined
  readonly hours: number
}

const plain: HirePlan = {
  tenant: 'acme',
  application: '9000001',
  email: 'zebulon.quagmire@example.com',
  firstName: 'Zebulon',
  at: 0,
  copies: [],
  againAt: undefined,
  cv: true,
  gap: 'none',
}

const calm: Omit<Scenario, 'hires'> = {
  tenants: [
    { slug: 'acme', lag: { employees: 0, documents: 0, comments: 0 }, rateLimited: false, webhook: false },
  ],
  acts: [],
  weather: {
    network: 0,
    database: 0,
    notifications: 0,
    accidents: { most: 0, often: 0 },
    calmAfter: 0,
    outage: undefined,
  },
  impatience: 0,
  intakes: 1,
  workers: 1,
  concurrency: 1,
}

/** No reason, fix, warning or log line may hold any of these. */
const personal = ['zebulon', 'quagmire', '+15555550100', 'example street', 'pinpoint-files/', 'key-of-acme']
/** The promise, and a last try. */
const mostHours = 72.5

export async function playOdd(
  odd: Odd | undefined,
  there: There,
  options: Pick<SimulationOptions, 'hooks' | 'integrations'> = {},
): Promise<Played> {
  const logged: string[] = []
  const hire: HirePlan = there === 'other' ? { ...plain, danger: 'address of another' } : plain
  const scenario = { ...calm, hires: [hire] }
  const world = createWorld(1, scenario, {
    ...options,
    hooks: { ...options.hooks, logged: (line) => logged.push(line) },
  })
  const { outside, stores, people } = world
  await world.live(() => {
    arrange(outside, there)
    if (odd !== undefined) tell(outside, odd)
  })
  const hours = (world.scheduler.now().getTime() - start.getTime()) / 3_600_000
  const { state = 'lost', code } = [...stores.database.runs.values()][0] ?? {}
  const broken = [
    ...stuck({ stores }),
    ...undecided({ world: outside, stores, scenario }),
    ...atMostOne(outside),
  ]
  if (hours > mostHours) broken.push(`it was not at rest before ${Math.round(hours)} hours had gone by`)

  outside.faults.clear()
  if (state === 'refused') await world.until(people.act({ ...hire, what: 'replay' }))
  await world.until(people.mendAll([hire]))
  await world.until(world.fleet.stop())
  const told = textsOf(stores.database, logged)
  broken.push(
    ...stuck({ stores }),
    ...atMostOne(outside),
    ...notDone(world, !isAttachments(odd)),
    ...personal.filter((text) => told.includes(text)).map((text) => `"${text}" is told`),
    ...world.bugs,
  )
  return { broken: [...new Set(broken)], state, code, hours }
}

function arrange({ pinpoint, hibob }: World, there: There): void {
  const { tenant, application, email, firstName } = plain
  pinpoint.changeApplication(application, { lastName: 'Quagmire' })
  pinpoint.addComment(application, 'Nice talk.')
  if (there === 'theirs') hibob.addEmployee({ email, firstName, surname: 'Quagmire' })
  for (const employee of hibob.withEmail(tenant, email))
    hibob.addDocument(employee, {
      folderId: 1_047_097,
      name: 'Contract.pdf',
      tags: [],
      mimeType: 'application/pdf',
      content: Buffer.from('%PDF- a contract'),
    })
}

/** Whom an answer gives another first name is who they were all the same. */
function tell({ faults, pinpoint }: World, odd: Odd): void {
  faults.add(odd)
  const application = pinpoint.application(plain.application)
  if (application === undefined || !('member' in odd.effect)) return
  const { member, becomes } = odd.effect
  if (member.endsWith('/first_name') && typeof becomes !== 'object')
    pinpoint.people.keep({ ...application, firstName: String(becomes) })
}

function atMostOne(world: World): readonly string[] {
  const { wrongPerson, leaks } = world.ledger()
  const found = [recordsIn(world), cvsIn(world), commentsIn(world)].map((all) => all.length)
  return [
    ...(found.every((count) => count <= 1) ? [] : [`employees, CVs, comments: ${found.join(', ')}`]),
    ...wrongPersonTold(wrongPerson),
    ...leaks.map(({ header }) => `${header} went to the host of the CV`),
  ]
}

/** Of the hire. */
function recordsIn({ hibob, pinpoint: { people } }: World): readonly Employee[] {
  const { tenant, application } = plain
  return hibob
    .employees(tenant)
    .filter((one) => personIn(people, one) === people.person({ tenant, id: application }))
}

const cvsIn = (world: World) => world.ledger().documents.filter(({ name }) => name.startsWith('CV - '))
const commentsIn = (world: World) => world.ledger().comments.filter(({ seeded }) => !seeded)

/** Where the answer has no attachments at all nobody can know of a CV. */
function isAttachments(odd: Odd | undefined): boolean {
  return (
    odd !== undefined &&
    'member' in odd.effect &&
    /^(\/data|\/data\/attributes|\/data\/attributes\/attachments|)$/.test(odd.effect.member)
  )
}

/** Nothing is lost: the employee, the comment, and the CV or a word about it where one was announced. */
function notDone({ outside, stores }: ReturnType<typeof createWorld>, announced: boolean): readonly string[] {
  const last = [...stores.database.runs.values()].at(-1)
  if (last?.state !== 'done') return [`in the end it is ${String(last?.state)} (${String(last?.code)})`]
  const faults: string[] = []
  const records = recordsIn(outside).length
  if (records !== 1) faults.push(`done with ${records} employees`)
  if (commentsIn(outside).length !== 1) faults.push(`done with ${commentsIn(outside).length} comments`)
  const warned = JSON.stringify(last.result).includes('"code"')
  if (cvsIn(outside).length === 0 && !warned && announced)
    faults.push('done without the CV, and nothing is said of it')
  return faults
}

/** Everything that people or machines get to read. */
function textsOf({ runs, history, steps }: MemoryDatabase, logged: readonly string[]): string {
  const rows = [...runs.values()].map(({ code, reason, fix, result }) => [code, reason, fix, result])
  const lines = [...steps.values()].flatMap((one) =>
    [...one.values()].map(({ title, outcome }) => [title, outcome]),
  )
  return JSON.stringify([rows, [...history.values()], lines, logged]).toLowerCase()
}
