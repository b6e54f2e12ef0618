/**
 * People who can be taken for others, drawn by the seed: a couple on one address, somebody else's address, an employee who applies
 * for another job, somebody who has left and comes back, an employee whose e-mail HiBob has changed meanwhile.
 */
import type { World } from '../../sandbox/world.ts'
import type { RunAdmin } from '../../src/operator/operate.ts'
import type { Random } from './random.ts'
import type { ActPlan, HirePlan } from './scenario.ts'

/** Why somebody could take the hire for another, or make them twice. `one of two`: whoever of them comes first is done. */
export type Danger = 'address of another' | 'has left' | 'internal' | 'one of two' | 'moved'

/** Only a person can decide whose record it is, so nothing may be made before. */
export const forPeople: ReadonlySet<Danger | undefined> = new Set([
  'address of another',
  'has left',
  'internal',
])

const minute = 60_000

export interface Dangerous {
  readonly hires: readonly HirePlan[]
  readonly acts: readonly ActPlan[]
}

export function drawDangerous(random: Random, tenant: string, first: number): Dangerous {
  const at = random.between(0, random.pick([0, minute, 20 * minute]))
  const hire = (number: number, firstName: string, more: Partial<HirePlan> = {}): HirePlan => ({
    tenant,
    application: String(first + number),
    email: `desk@${tenant}.example.com`,
    firstName,
    at,
    copies: random.happens(0.3) ? [random.between(0, 5_000)] : [],
    againAt: undefined,
    cv: true,
    gap: 'none',
    ...more,
  })
  switch (random.pick(['couple', 'address of another', 'has left', 'internal', 'moved'] as const)) {
    case 'couple': {
      const danger = 'one of two' as const
      return { hires: [hire(0, 'Omar', { danger }), hire(1, 'Jane', { danger })], acts: [] }
    }
    case 'moved': {
      const again = at + random.between(10 * minute, 300 * minute)
      const [before, after] = [
        hire(0, 'Omar', { danger: 'moved' }),
        hire(1, 'Omar', { danger: 'moved', at: again }),
      ]
      const { application, email } = before
      const moves = {
        at: random.between(at, again),
        tenant,
        what: 'change e-mail',
        application,
        email,
      } as const
      return { hires: [before, after], acts: [moves] }
    }
    case 'address of another':
      return { hires: [hire(0, 'Omar', { danger: 'address of another' })], acts: [] }
    case 'has left':
      return { hires: [hire(0, 'Omar', { danger: 'has left' })], acts: [] }
    case 'internal':
      return { hires: [hire(0, 'Omar', { danger: 'internal' })], acts: [] }
  }
}

/** Who is in HiBob from the beginning. */
export function placeOthers(
  { hibob, pinpoint }: World,
  { tenant, application, email, firstName, danger }: HirePlan,
): void {
  if (danger === undefined) return
  const company = tenant
  // Couples share it, too.
  const surname = 'Sample'
  pinpoint.changeApplication(application, { lastName: surname }, tenant)
  if (danger === 'address of another') hibob.addEmployee({ company, email, firstName: 'Jane', surname })
  if (danger === 'has left') hibob.addEmployee({ company, email, firstName, surname, status: 'Inactive' })
  if (danger === 'internal') {
    const person = pinpoint.application(application, tenant)?.person
    hibob.addEmployee({
      company,
      email: `work.${email}`,
      firstName,
      surname,
      ...(person !== undefined && { person }),
    })
    pinpoint.changeApplication(application, { internalCandidate: true }, tenant)
  }
}

/** As usual once a company has given its employee an address: after the hire is done, else not at all. */
export async function changeEmail(
  { hibob }: World,
  runAdmin: Pick<RunAdmin, 'listRuns'>,
  { tenant, application, email }: ActPlan & { readonly what: 'change e-mail' },
): Promise<void> {
  const done = await runAdmin.listRuns({ tenant, states: ['done'], limit: 100 })
  // The webhook to another receiver says nothing of the employee.
  if (!done.some(({ subject, integration }) => subject === application && integration === 'hibob')) return
  for (const { id } of hibob.withEmail(tenant, email)) hibob.setEmail(id, `work.${email}`)
}

/** What a person does about it: an address of their own, the leaver is taken back, who is internal is known by their address. */
export function mendDanger(
  { hibob, pinpoint }: World,
  { tenant, application, email, firstName, danger }: HirePlan,
): void {
  const own = (address: string) => void pinpoint.changeApplication(application, { email: address }, tenant)
  if (danger === 'internal') own(`work.${email}`)
  if (danger === 'has left')
    for (const { id } of hibob.withEmail(tenant, email)) hibob.setStatus(id, 'Active')
  if (danger === 'address of another' || danger === 'one of two') own(`${firstName}.${email}`.toLowerCase())
}
