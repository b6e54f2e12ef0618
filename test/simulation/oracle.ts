/** What must be true at the end of every seed, whatever has happened. Each sentence that is returned is a promise broken. */
import type { World } from '../../sandbox/world.ts'
import { personIn, wrongPersonTold } from '../../sandbox/wrong-person.ts'
import { isFinished } from '../../src/runs/run.ts'
import type { StoredRun } from '../support/memory/database.ts'
import type { MemoryStores } from '../support/memory/stores.ts'
import { forPeople } from './dangerous.ts'
import type { Acknowledged } from './people.ts'
import type { HirePlan, Scenario } from './scenario.ts'

export interface Outcome {
  readonly world: World
  readonly stores: MemoryStores
  readonly scenario: Scenario
  readonly acknowledged: readonly Acknowledged[]
}

/** After everybody has come to rest: nothing waits for something that never comes. */
export function stuck({ stores }: Pick<Outcome, 'stores'>): readonly string[] {
  const { runs, jobs } = stores.database
  return [
    ...[...runs.values()]
      .filter(({ state }) => !isFinished(state) && state !== 'parked')
      .map(({ id, state }) => `${id} is ${state} and nothing will move it on`),
    ...[...jobs.values()].map(({ id, run }) => `job ${id} of ${run} is never taken`),
  ]
}

/** At the very end, when all that could be mended was mended. */
export function broken(outcome: Outcome): readonly string[] {
  const { world, stores } = outcome
  const { twins } = world.ledger()
  return [
    ...stuck(outcome),
    ...[...stores.database.runs.values()]
      .filter(({ state }) => state === 'parked' || state === 'refused')
      .map(({ id, state, code }) => `${id} is ${state} (${String(code)}) though nothing is wrong any more`),
    ...twins.employees.map((ids) => `one person is ${ids.length} employees: ${ids.join(', ')}`),
    ...twins.documents.map((ids) => `one CV is there ${ids.length} times: ${ids.join(', ')}`),
    ...twins.comments.map((ids) => `one comment is there ${ids.length} times: ${ids.join(', ')}`),
    ...wrongPersonTold(world.ledger().wrongPerson),
    ...outcome.acknowledged.flatMap((one) => lost(outcome, one)),
    ...outcome.scenario.hires.flatMap((hire) => madeWrong(outcome, hire)),
    ...[...stores.database.runs.values()].flatMap((run) => unsent(world, run)),
    ...world.leaks.map(({ path, header }) => `${header} was sent along to ${path}`),
  ]
}

function lost(
  { stores, scenario }: Outcome,
  { tenant, application, event }: Acknowledged,
): readonly string[] {
  const { events, runs } = stores.database
  const stored = [...events.values()].some(({ id, subject }) => id === event && subject === application)
  if (!stored) return [`${application} was acknowledged and is not stored`]
  const switchedOff = scenario.acts.some((act) => act.tenant === tenant && act.what === 'switch off')
  const started = [...runs.values()].some((run) => run.event === event && run.integration === 'hibob')
  return started || switchedOff ? [] : [`${application} was acknowledged and started no run`]
}

/** What only a person can decide is not decided by a machine: it waits, and nothing is made for it or attached to it. */
export function undecided({
  world,
  stores,
  scenario,
}: Pick<Outcome, 'world' | 'stores' | 'scenario'>): readonly string[] {
  const done = new Set([...stores.database.runs.values()].filter(isDone).map(({ subject }) => subject))
  return [
    ...wrongPersonTold(world.ledger().wrongPerson),
    ...scenario.hires
      .filter(({ danger, application }) => forPeople.has(danger) && done.has(application))
      .map(
        ({ application, danger }) =>
          `${application} (${String(danger)}) is done, and nobody has decided whose record it is`,
      ),
  ]
}

const isDone = ({ integration, state }: StoredRun) => integration === 'hibob' && state === 'done'

/** Done means: one employee, with the one CV or a warning about it, and one comment that quotes the employee. */
function madeWrong({ world, stores }: Outcome, hire: HirePlan): readonly string[] {
  const { tenant, application } = hire
  const { people } = world.pinpoint
  const person = people.person({ tenant, id: application })
  const employees = world.hibob.employees(tenant).filter((employee) => personIn(people, employee) === person)
  const comments = world.pinpoint.comments(application, tenant)
  const cvs = employees.flatMap(({ id }) => world.hibob.documents(id))
  const faults: string[] = []
  const say = (wrong: boolean, text: string) => wrong && faults.push(`${application}: ${text}`)
  say(employees.length > 1, `${employees.length} employees of one person`)
  say(cvs.length > 1, `${cvs.length} CVs of one employee`)
  say(comments.length > 1, `${comments.length} comments on one application`)

  const done = [...stores.database.runs.values()].filter((run) => run.subject === application && isDone(run))
  if (done.length === 0) return faults
  say(employees.length === 0, 'done without an employee')
  const told = done.some(({ result }) => /"hibob\.(cv|documents)_/.test(JSON.stringify(result)))
  say(hire.cv && cvs.length === 0 && !told, 'done without its CV, and nothing is said of it')
  const quoted = employees.some(({ id }) => comments[0]?.bodyText.includes(id))
  say(!quoted, 'done without a comment that names the employee')
  return faults
}

/** A webhook may be sent more than once, never not at all. */
function unsent(world: World, { id, integration, state }: StoredRun): readonly string[] {
  if (integration !== 'webhook' || state !== 'done') return []
  const received = world.receivers.deliveries().some((one) => one.id === `msg_${id}` && one.verified)
  return received ? [] : [`${id} is done and its message was never received`]
}
