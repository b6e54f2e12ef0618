import { expect, it } from 'vitest'

import { foundText } from '../../src/cli/sweep-result.ts'

it('a sweep’s preview says who is meant, where an attempt has read it, and when they were hired', () => {
  const hire = { id: '9000002', hiredAt: new Date('2026-11-30T22:31:00Z'), updatedAt: new Date(0) }
  const judged = { ...hire, jobId: undefined, verdict: 'missing' } as const
  const found = [
    { hire: judged, integrations: ['hibob'], verdict: 'missing' },
    {
      hire: { ...judged, id: '9', hiredAt: undefined },
      integrations: ['hibob', 'webhook'],
      verdict: 'restarted',
    },
  ] as const
  const ada = { name: 'A•• E••••••', email: null, jobTitle: null, masked: true }
  const [, text = ''] = foundText(found, [undefined, ada])
  expect(text).toMatch(/^9000002 +\(not known\) +(30 Nov|1 Dec) 2026, \d\d:\d\d \S+ +hibob +no webhook$/m)
  expect(text).toMatch(/^9 +A•• E•••••• +not known +hibob, webhook +its run ended too early$/m)
  expect(foundText([], [])).toEqual([])
})
