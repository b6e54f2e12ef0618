/** The shipped integrations as subjects of the crash matrix: their destinations are the sandbox's. */
import { type Arranged, type Scenario, type Subject, sweepScenarios } from '../../sandbox/crash-kit/index.ts'
import { sampleEvent, type Sandbox, type TenantSeed } from '../../sandbox/index.ts'
import { until } from './until.ts'

const module = new URL('../../src/integrations/registry.ts', import.meta.url)

export const hibobSubject = (sandbox: Sandbox): Subject => ({
  integration: 'hibob',
  module,
  account({ name, through }) {
    const company = sandbox.hibob.addCompany({
      name,
      serviceUserId: `SERVICE-${name}`,
      serviceUserToken: `token-of-${name}`,
    })
    const { serviceUserId, serviceUserToken } = company
    return {
      settings: { site: 'New York (Demo)', apiUrl: through(sandbox.hibobUrl), readLagSeconds: 0 },
      secrets: { serviceUserId, serviceUserToken },
    }
  },
  effects(account) {
    const { employees, documents, rows } = sandbox.ledger()
    const added = rows.filter(({ company }) => company === account).length
    const applications = sandbox.pinpoint.applications().filter(({ tenant }) => tenant === account)
    const attributes = applications.flatMap(({ customAttributes }) => Object.values(customAttributes))
    return {
      ...(added > 0 && { rows: added }),
      employees: employees.filter(({ company }) => company === account).length,
      documents: documents.filter(({ company }) => company === account).length,
      references: applications.filter(({ externalSystemReference: one }) => isWritten(one)).length,
      attributes: attributes.filter(isWritten).length,
      // The sandbox refuses a second one, and nobody knows whether Pinpoint does.
      attributesSent: sandbox.faults
        .list()
        .filter((one) => one.account === account && one.operation === creates)
        .reduce((sum, { seen }) => sum + seen, 0),
      attributesOfOthers: attributes.filter((one) => one === somebodyElses).length,
    }
  },
  expected: { employees: 1, documents: 1, comments: 1 },
  scenarios: [...hibobScenarios, ...sweepScenarios],
})

/** The id of a record, with our prefix and a connection's id. */
function isWritten(value: unknown): boolean {
  return typeof value === 'string' && /^pinpoint-webhooks:con_\w+:\d+$/.test(value)
}

/** How this tenant's Pinpoint differs. */
function change({ pinpoint }: Sandbox, subdomain: string, tenant: Omit<TenantSeed, 'subdomain'>): void {
  pinpoint.addTenant({ ...pinpoint.tenant(subdomain), ...tenant, subdomain })
}

const attribute = 'HiBob id'
const somebodyElses = 'EMP-7'
const creates = 'custom_attributes.create'

/** Its calls are counted by a fault that never comes, as the log of calls keeps the newest only. */
function giveAttribute({ sandbox, account }: Arranged): void {
  change(sandbox, account, { customFields: [{ name: attribute, resourceType: 'application' }] })
  const never = { every: 1_000_000, effect: { delayMs: 1 } }
  sandbox.faults.add({ system: 'pinpoint', operation: creates, account, ...never })
}

const nothing = { employees: 0, documents: 0, comments: 0 }

const pay = { amount: 65432.1, currency: 'EUR', period: 'year' }

const hibobScenarios: readonly Scenario[] = [
  {
    title: 'HiBob answers 429 to the new employee',
    for: ['ledger.notMade', 'runs.settle'],
    arrange: ({ account, sandbox }) =>
      void sandbox.faults.add({
        system: 'hibob',
        operation: 'people.create',
        account,
        effect: { rateLimit: { resetInSeconds: 1 } },
      }),
  },
  {
    title: 'HiBob knows the employee, and its search does not yet',
    for: ['ledger.exists'],
    arrange({ account, application, email, sandbox }) {
      const { firstName } = sandbox.pinpoint.application(application, account) ?? {}
      sandbox.hibob.addEmployee({ company: account, email, firstName })
      sandbox.faults.add({
        system: 'hibob',
        operation: 'people.search',
        account,
        effect: { status: 200, body: { employees: [] } },
      })
    },
  },
  {
    title: 'HiBob takes longer than two heartbeats',
    for: ['queue.touch'],
    arrange: ({ account, sandbox }) =>
      void sandbox.faults.add({
        system: 'hibob',
        operation: 'people.search',
        account,
        effect: { delayMs: 7000 },
      }),
  },
  {
    title: 'a waiting run is resumed by hand',
    for: ['queue.drop'],
    arrange: ({ account, sandbox }) =>
      void sandbox.faults.add({
        system: 'hibob',
        operation: 'people.search',
        account,
        effect: { status: 503 },
        // As often as an attempt repeats the read.
        times: 3,
      }),
    async meanwhile({ account }, runAdmin) {
      const waiting = async () =>
        (await runAdmin.listRuns({ tenant: account, limit: 1 })).find(({ state }) => state === 'waiting')
      const run = await until('the run to wait', waiting, 60)
      await runAdmin.queueAgain(run.id, ['waiting'])
    },
  },
  {
    title: 'a hire that is done is run again',
    for: ['journal.write'],
    async meanwhile({ account }, runAdmin) {
      const done = async () =>
        (await runAdmin.listRuns({ tenant: account, limit: 1 })).find(({ state }) => state === 'done')
      const { event } = await until('the run to be done', done, 60)
      await runAdmin.replay(event, ['hibob'])
    },
    runs: 2,
  },
  {
    title: 'the database has lost the hire, and HiBob has changed the e-mail',
    for: ['ledger.hold', 'ledger.done', 'http.send'],
    again: [
      'Employee in HiBob',
      'pinpoint GET /comments',
      'hibob POST /people/search',
      'hibob GET /docs/people/:id',
    ],
    hire: { hiredAt: new Date(Date.now() - 3_600_000).toISOString() },
    arrange({ account, application, email, sandbox }) {
      const { firstName, lastName: surname } = sandbox.pinpoint.application(application, account) ?? {}
      const { id } = sandbox.hibob.addEmployee({ company: account, email, firstName, surname })
      sandbox.hibob.changeEmployee(id, { email: `moved.${email}` })
      change(sandbox, account, { commentsAlong: 'left_out' })
      sandbox.pinpoint.addComment(application, `Record created with ID: ${id}`, account)
    },
  },
  {
    title: 'Pinpoint sends neither the job nor the comments along with the application',
    for: ['http.send'],
    arrange: ({ account, sandbox }) =>
      change(sandbox, account, { jobAlongBare: true, commentsAlong: 'left_out' }),
  },
  {
    title: 'a person has a new employee made for one that was deleted in HiBob',
    for: ['ledger.free'],
    hire: { cv: null },
    arrange: ({ account, sandbox }) =>
      void sandbox.faults.add({
        system: 'pinpoint',
        operation: 'comments.create',
        account,
        effect: { status: 422, body: { errors: [{ title: 'Invalid' }] } },
      }),
    async meanwhile({ account, email, sandbox }, runAdmin) {
      const parked = async () =>
        (await runAdmin.listRuns({ tenant: account, limit: 1 })).find(({ state }) => state === 'parked')
      const { id } = await until('the run to park', parked, 60)
      for (const made of sandbox.hibob.withEmail(account, email)) sandbox.hibob.removeEmployee(made.id)
      await runAdmin.queueAgain(id, ['parked'], { decision: { is: 'make_again' } })
    },
    expected: { employees: 1, documents: 0, comments: 1 },
  },
  {
    title: 'the connection writes the id of the record into Pinpoint',
    for: ['ledger.hold', 'ledger.attempt', 'ledger.done', 'http.send'],
    connection: { writeBack: 'externalReference' },
    expected: { employees: 1, documents: 1, comments: 1, references: 1 },
  },
  {
    title: 'the connection writes the id of the record into a custom attribute',
    for: ['ledger.hold', 'ledger.attempt', 'ledger.done', 'http.send'],
    connection: { writeBack: { customAttribute: attribute } },
    arrange: giveAttribute,
    expected: { employees: 1, documents: 1, attributes: 1, attributesSent: 1, comments: 1 },
  },
  {
    title: 'the custom attribute has another value',
    for: ['ledger.hold', 'http.send'],
    again: ['Attribute in Pinpoint', 'pinpoint GET /applications/:id'],
    hire: { customAttributes: { [attribute]: somebodyElses } },
    connection: { writeBack: { customAttribute: attribute } },
    arrange: giveAttribute,
    expected: {
      ...{ employees: 1, documents: 1, comments: 1 },
      ...{ attributes: 0, attributesSent: 0, attributesOfOthers: 1 },
    },
  },
  {
    title: 'the salary is mapped',
    for: ['journal.write', 'ledger.hold', 'ledger.attempt', 'ledger.done', 'http.send'],
    hire: { offers: [{ result: 'accepted', startOn: '2027-02-01', salary: pay }] },
    connection: {
      mapping: {
        'payroll.salary.payment': 'offer.salary.amount',
        'payroll.salary.payment.currency': 'offer.salary.currency',
        'payroll.salary.payPeriod': { from: 'offer.salary.period', values: { year: 'Annual' } },
        'payroll.salary.payFrequency': { constant: 'Monthly' },
      },
    },
    expected: { employees: 1, documents: 1, rows: 1, comments: 1 },
  },
  {
    title: 'somebody else has the e-mail',
    for: ['http.send'],
    again: ['hibob POST /people/search'],
    arrange: ({ account, email, sandbox }) =>
      void sandbox.hibob.addEmployee({ company: account, email, firstName: 'Omar' }),
    ends: 'parked',
    expected: { ...nothing, employees: 1 },
  },
  {
    title: 'the hire has left the company before',
    for: [],
    arrange({ account, application, email, sandbox }) {
      const { firstName } = sandbox.pinpoint.application(application, account) ?? {}
      sandbox.hibob.addEmployee({ company: account, email, firstName, status: 'Inactive' })
    },
    ends: 'parked',
    expected: { ...nothing, employees: 1 },
  },
  {
    title: 'the hire works here already, with another e-mail',
    for: [],
    hire: { internalCandidate: true },
    arrange({ account, application, email, sandbox }) {
      const { firstName, person } = sandbox.pinpoint.application(application, account) ?? {}
      sandbox.hibob.addEmployee({ company: account, email: `work.${email}`, firstName, person })
    },
    ends: 'parked',
    expected: { ...nothing, employees: 1 },
  },
  {
    title: 'the hire has no start date',
    for: ['runs.settle'],
    hire: { startOn: null, offers: [] },
    ends: 'parked',
    expected: nothing,
  },
  {
    title: 'Pinpoint sends its sample event',
    for: ['runs.settle'],
    body: sampleEvent,
    ends: 'refused',
    expected: nothing,
  },
]

export const webhookSubject = (sandbox: Sandbox): Subject => ({
  integration: 'webhook',
  module,
  account({ name, through }) {
    const { secret } = sandbox.receivers.addReceiver({ name })
    return { settings: { url: through(sandbox.receiverUrlOf(name)) }, secrets: { signingSecret: secret } }
  },
  /** At least once and always under the same id: that is one message. */
  effects: (account) => ({
    messages: sandbox
      .ledger()
      .deliveries.filter(({ receiver, verified, repeated }) => receiver === account && verified && !repeated)
      .length,
  }),
  expected: { messages: 1, comments: 0 },
  scenarios: sweepScenarios,
})

export const crashSubjects: readonly (readonly [string, (sandbox: Sandbox) => Subject])[] = [
  ['hibob', hibobSubject],
  ['webhook', webhookSubject],
]
