/** Title and department: the other form once, then without; never after an unclear answer. */
import { describe, expect, it } from 'vitest'

import { createEmployee } from '../../src/integrations/hibob/create-employee.ts'
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

/** Answers in turn; what was sent for title and department each time, and what was warned of. */
async function made(answers: readonly unknown[], given: typeof place | object = {}) {
  const sent: (readonly [string | undefined, string | undefined])[] = []
  const warned: string[] = []
  const bob = {
    createEmployee: async ({ title, department, startDate, site, ...root }: EmployeeBody) => {
      const answer = answers[sent.length]
      sent.push([title, department])
      await Promise.resolve()
      if (answer instanceof Error) throw answer
      if (answer === alreadyExists) return alreadyExists
      return { id: '1', shown: { ...root, work: { title, department, startDate, site } } }
    },
  }
  const onWarning = ({ code }: { readonly code: string }) => void warned.push(code)
  const outcome = await createEmployee({ bob, onWarning }, hire, { ...place, ...given }).catch(
    (error: unknown) => error,
  )
  return { sent, warned, outcome }
}

const byName = ['Engineer', 'Platform'] as const

describe('A new employee', () => {
  it.each<[string, readonly unknown[], readonly unknown[], readonly string[]]>([
    ['taken as it is', [{ id: '1' }], [byName], []],
    ['there already', [alreadyExists], [byName], []],
    [
      'whose title is refused by name',
      [refused('work.title'), { id: '1' }],
      [byName, ['11', 'Platform']],
      [],
    ],
    [
      'whose title is refused in both forms',
      [refused('/work/title'), refused('title'), { id: '1' }],
      [byName, ['11', 'Platform'], [undefined, 'Platform']],
      ['hibob.title_left_out'],
    ],
    [
      'of which HiBob does not say what is wrong',
      [refused(), refused(), { id: '1' }],
      [byName, ['11', '22'], [undefined, undefined]],
      ['hibob.title_left_out', 'hibob.department_left_out'],
    ],
  ])('%s', async (...[_, answers, sent, warned]) => {
    expect(await made(answers)).toEqual({ sent, warned, outcome: answers.at(-1) })
  })

  it.each<[string, readonly Error[], number]>([
    ['something else is refused', [refused('root.surname')], 1],
    ['without title and department it is refused as well', [refused(), refused(), refused()], 3],
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
    const { sent } = await made([refused('work.title'), { id: '1' }], { title: item })
    expect(sent).toEqual([byName, [undefined, 'Platform']])
  })
})
