/** Title, department and personal e-mail: the other form once, then without; never after an unclear answer. */
import { describe, expect, it } from 'vitest'

import { employeeMaker } from '../../src/integrations/hibob/create-employee.ts'
import { CreateRefused } from '../../src/integrations/hibob/create-refused.ts'
import type { EmployeeBody } from '../../src/integrations/hibob/new-hire.ts'
import { alreadyExists, RetryLater } from '../../src/sdk/index.ts'

const hire = {
  firstName: 'Ada',
  surname: 'Example',
  email: 'ada@example.com',
  startDate: '2027-01-04',
  site: 'Springfield',
}
const place = {
  site: { id: undefined, name: 'Springfield' },
  title: { id: '11', name: 'Engineer' },
  department: { id: '22', name: 'Platform' },
}
const refused = (...fields: string[]) =>
  new CreateRefused('hibob.create_refused', 'Refused.', { fix: 'Look.', details: { fields } })

const step = <T>(_title: string, work: () => Promise<T>) => work()

/** Answers in turn; what was sent for title, department and personal e-mail each time, and what was warned of. */
async function made(answers: readonly unknown[], given: typeof place | object = {}) {
  const sent: (readonly (string | undefined)[])[] = []
  const warned: string[] = []
  const bob = {
    createEmployee: async ({ title, department, privateEmail, startDate, site, ...root }: EmployeeBody) => {
      const answer = answers[sent.length]
      sent.push([title, department, privateEmail])
      await Promise.resolve()
      if (answer instanceof Error) throw answer
      if (answer === alreadyExists) return alreadyExists
      const shown = { ...root, home: { privateEmail }, work: { title, department, startDate, site } }
      return { id: '1', shown }
    },
  }
  const make = employeeMaker(
    { bob, step, onWarning: ({ code }) => void warned.push(code) },
    { hire, privateEmail: hire.email, more: {} },
    { ...place, ...given },
  )
  let outcome: unknown
  do outcome = await make().catch((error: unknown) => error)
  while (typeof outcome === 'object' && outcome !== null && 'refused' in outcome)
  return { sent, warned, outcome }
}

const mail = 'ada@example.com'
const whole = ['Engineer', 'Platform', mail] as const

describe('A new employee', () => {
  it.each<[string, readonly unknown[], readonly unknown[], readonly string[]]>([
    ['taken as it is', [{ id: '1' }], [whole], []],
    ['there already', [alreadyExists], [whole], []],
    ['whose title is refused by name', [refused('work.title'), { id: '1' }], [whole, ['11', '22', mail]], []],
    [
      'whose title is refused in both forms: HiBob takes no list values',
      [refused('/work/title'), refused('title'), { id: '1' }],
      [whole, ['11', '22', mail], [undefined, undefined, mail]],
      ['hibob.title_left_out', 'hibob.department_left_out'],
    ],
    [
      'that is refused by names, and then for its personal e-mail',
      [refused('work.department'), refused('home.privateEmail'), { id: '1' }],
      [whole, ['11', '22', mail], ['11', '22', undefined]],
      ['hibob.private_email_left_out'],
    ],
    [
      'whose personal e-mail is refused',
      [refused('home.privateEmail'), { id: '1' }],
      [whole, ['Engineer', 'Platform', undefined]],
      ['hibob.private_email_left_out'],
    ],
    [
      'of which HiBob does not say what is wrong',
      [refused(), refused(), { id: '1' }],
      [whole, ['11', '22', mail], [undefined, undefined, undefined]],
      ['hibob.title_left_out', 'hibob.department_left_out', 'hibob.private_email_left_out'],
    ],
  ])('%s', async (...[_, answers, sent, warned]) => {
    expect(await made(answers)).toEqual({ sent, warned, outcome: answers.at(-1) })
  })

  it.each<[string, readonly Error[], number]>([
    ['something else is refused', [refused('root.surname')], 1],
    ['the e-mail that is the login is refused', [refused('root.email')], 1],
    ['without all that is optional it is refused as well', [refused(), refused(), refused()], 3],
    [
      'an answer is unclear',
      [refused('work.title'), new RetryLater('hibob.no_answer', '?', { outcome: 'unclear' })],
      2,
    ],
  ])('is not made when %s, and it is not tried further', async (_, answers, calls) => {
    const { sent, warned, outcome } = await made(answers)
    expect([sent.length, warned, outcome]).toEqual([calls, [], answers.at(-1)])
  })

  it('is not sent the same again where a name is its own id', async () => {
    const item = { id: 'Engineer', name: 'Engineer' }
    const { sent } = await made([refused('work.title'), { id: '1' }], { title: item, department: undefined })
    expect(sent).toEqual([
      ['Engineer', undefined, mail],
      [undefined, undefined, mail],
    ])
  })
})

describe('Of values that only a mapping gives', () => {
  const plain = (json: string) => ({
    ...{ json, byId: undefined, listed: false, title: json, category: 'Home', shownAs: [[json]] },
  })
  const ids = ['home.a', 'home.b', 'home.c', 'home.d', 'home.e', 'home.f', 'home.g']
  const more = Object.fromEntries(ids.map((id) => [id, plain(id)]))

  /** As an engine does: at most three calls in an attempt, whose steps are kept. */
  async function attempts(refusedOnes: readonly string[], given: object = {}) {
    const journal = new Map<string, unknown>()
    const keeping = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
      if (!journal.has(title)) journal.set(title, await work())
      return journal.get(title) as T
    }
    const calls: number[] = []
    const left: string[] = []
    const bob = {
      createEmployee: async (body: EmployeeBody) => {
        calls[calls.length - 1] = (calls.at(-1) ?? 0) + 1
        const [bad] = refusedOnes.filter((id) => id in (body.more ?? {}))
        if (bad !== undefined) throw refused(bad)
        return Promise.resolve({ id: '1', shown: {} })
      },
    }
    for (;;) {
      calls.push(0)
      const make = employeeMaker(
        {
          ...{ bob, step: keeping },
          onWarning: ({ code, message }) => {
            if (code === 'hibob.field_left_out') left.push(message)
          },
        },
        { hire, privateEmail: undefined, more, ...given },
        { ...place, title: undefined, department: undefined },
      )
      let outcome: unknown
      do outcome = await make().catch((error: unknown) => error)
      while (typeof outcome === 'object' && outcome !== null && 'refused' in outcome)
      if (!(outcome instanceof RetryLater)) return { calls, left, outcome }
    }
  }

  it.each([
    [[], [1]],
    [['home.a', 'home.g'], [3]],
    [
      ['home.a', 'home.b', 'home.c'],
      [3, 1],
    ],
    [ids, [3, 3, 2]],
  ])('HiBob refuses %j one at a time: each attempt goes on where the last one ended', async (bad, calls) => {
    const told = await attempts(bad)
    expect([told.calls, told.outcome]).toEqual([calls, { id: '1' }])
    expect(told.left).toHaveLength(bad.length)
    for (const id of bad) expect(told.left.join()).toContain(id)
  })

  it('one that the mapping says must not be left out parks the hire', async () => {
    const { calls, outcome } = await attempts(['home.b'], { mustKeep: new Set(['home.b']) })
    expect([calls, outcome]).toEqual([[1], refused('home.b')])
  })

  it('and it is not dropped with the others either, when HiBob does not say which it means', async () => {
    const sent: string[][] = []
    const bob = {
      createEmployee: (body: EmployeeBody) => {
        sent.push(Object.keys(body.more ?? {}))
        return Promise.reject(refused())
      },
    }
    const make = employeeMaker(
      { bob, step, onWarning: () => undefined },
      { hire, privateEmail: undefined, more, mustKeep: new Set(['home.b']) },
      { ...place, title: undefined, department: undefined },
    )
    await make()
    await expect(make()).rejects.toThrow()
    expect(sent).toEqual([ids, ['home.b']])
  })
})
