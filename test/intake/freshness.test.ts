// M3: what may start by itself, by the signed moment of its event.
import { describe, expect, it } from 'vitest'

import { byHandHeader, isByHand, signByHand } from '../../src/intake/by-hand.ts'
import { freshnessOf } from '../../src/intake/freshness.ts'

const now = new Date('2026-11-30T12:00:00Z')
const day = 86_400
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const hire = { name: 'application_hired', subject: '7' }
const judge = (triggeredAt: Date | undefined, keepFinishedFor: 'forever' | number = 400 * day) =>
  freshnessOf({ ...hire, triggeredAt }, { keepFinishedFor, now })

describe('M3: an event', () => {
  it.each([
    [0, 'fresh'],
    [7 * day, 'fresh'],
    [7 * day + 1, 'stale'],
    [400 * day, 'stale'],
    [400 * day + 1, 'expired'],
  ])('of %i seconds ago is %s', (seconds, freshness) => {
    expect(judge(ago(seconds))).toBe(freshness)
  })

  it('never expires where work is kept for ever', () => {
    expect(judge(new Date(0), 'forever')).toBe('stale')
  })

  it('that does not say when it happened is not judged', () => {
    expect(judge(undefined)).toBe('fresh')
  })

  it('that is Pinpoint’s sample is let through, and nothing that only resembles it', () => {
    const sample = { ...hire, subject: '1', triggeredAt: new Date(1_614_687_278_000) }
    const at = { keepFinishedFor: 400 * day, now }
    expect(freshnessOf(sample, at)).toBe('fresh')
    expect(freshnessOf({ ...sample, subject: '2' }, at)).toBe('expired')
    expect(freshnessOf({ ...sample, triggeredAt: ago(30 * day) }, at)).toBe('stale')
  })
})

describe('M3: the mark of a person who sends', () => {
  const body = Buffer.from('{"event":"application_hired"}')
  const header = signByHand('secret', body, now)
  const at = (seconds: number) => ({ secrets: ['other', 'secret'], now: ago(-seconds) })

  it('is believed for five minutes, of whoever can sign', () => {
    expect(isByHand({ header, body }, at(299))).toBe(true)
    expect(isByHand({ header, body }, at(302))).toBe(false)
    expect(isByHand({ header, body }, at(-302))).toBe(false)
    expect(isByHand({ header, body }, { secrets: ['other'], now })).toBe(false)
    expect(isByHand({ header, body: Buffer.from('{}') }, at(0))).toBe(false)
  })

  it.each([
    undefined,
    '',
    'x',
    `.${'A'.repeat(44)}`,
    header.replace(/^\d+/, '9'),
    `${header}=`,
    `1.${'é'.repeat(44)}`,
  ])('is not believed as %j', (odd) => {
    expect(isByHand({ header: odd, body }, at(0))).toBe(false)
  })

  it('has a name of ours', () => {
    expect(byHandHeader).toMatch(/^pinpoint-webhooks-/)
  })
})
