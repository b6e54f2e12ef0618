/** What HiBob is told about a hire, and what is never guessed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { departmentOf, incomplete, titleOf, toNewHire } from '../../src/integrations/hibob/new-hire.ts'
import { settings as schema } from '../../src/integrations/hibob/settings.ts'
import { startDateOf, startDateWarnings } from '../../src/integrations/hibob/start-date.ts'
import { calendarDay, sameText } from '../../src/sdk/index.ts'
import { hireOf, offerOf } from './a-hire.ts'

const triggeredAt = new Date('2026-11-24T23:30:00Z')
const settings = (given: object = {}) => schema.parse(given)
const mapped = (hire: object, given: object = {}) => toNewHire(hireOf(hire), settings(given), triggeredAt)

describe('A hire for HiBob', () => {
  it('has exactly the five values that HiBob demands', () => {
    expect(mapped({})).toEqual({
      ok: true,
      value: {
        firstName: 'Ada',
        surname: 'Example',
        email: 'ada@example.com',
        startDate: '2027-01-04',
        site: 'Springfield',
      },
    })
  })

  it.each([
    ['first name', { firstName: undefined }, ['firstName']],
    ['last name, as with one-word names', { lastName: '  ' }, ['surname']],
    ['e-mail', { email: undefined }, ['email']],
    ['start date', { startOn: undefined, offers: [] }, ['startDate']],
    ['start date, while offers are unknown', { startOn: undefined, offers: undefined }, ['startDate']],
    ['location and site', { job: undefined }, ['site']],
    [
      'several',
      { firstName: '', email: '', startOn: undefined, offers: [] },
      ['firstName', 'email', 'startDate'],
    ],
  ])('without %s has a gap', (...[_, hire, missing]) => {
    expect(mapped(hire)).toEqual({ ok: false, missing })
  })

  it('sends names trimmed and composed, with every letter', () => {
    const names = [
      'Zoë',
      'Þórunn',
      'Nguyễn Thị Ánh',
      '李',
      'عمر',
      'O’Neill',
      "D'Arcy-Wu",
      'van der Berg',
      'X',
    ] as const
    for (const name of names) {
      expect(mapped({ firstName: ` ${name.normalize('NFD')} ` })).toMatchObject({
        value: { firstName: name.normalize('NFC') },
      })
    }
  })

  it('sends the e-mail as the candidate wrote it, without the spaces', () => {
    expect(mapped({ email: ' Ada+Jobs@Example.COM ' })).toMatchObject({
      value: { email: 'Ada+Jobs@Example.COM' },
    })
  })

  it('says in the parked run which fields are missing and where to fill them in', () => {
    expect(incomplete(hireOf(), ['email', 'startDate'])).toMatchObject({
      code: 'hibob.hire_incomplete',
      message: 'Application 9000001 is missing fields that HiBob requires: e-mail address, start date.',
      details: { missing: ['email', 'startDate'] },
      resumesOn: 'record',
      fix: expect.stringContaining('start date on the accepted offer in Pinpoint') as string,
    })
    expect(incomplete(hireOf(), ['site'])).toMatchObject({ resumesOn: 'connection' })
  })
})

describe('The site', () => {
  const sites = { springfield: 'New York (Demo)' }
  it.each([
    [
      'the entry for the location, whatever its case',
      { site: 'London', sites },
      'Springfield',
      'New York (Demo)',
    ],
    ['the site of the settings', { site: 'London' }, 'Springfield', 'London'],
    ['the site of the settings for a job without location', { site: 'London', sites }, undefined, 'London'],
    ['the location itself', {}, 'Springfield', 'Springfield'],
  ])('is %s', (...[_, given, location, site]) => {
    expect(mapped({ job: { ...hireOf().job, location } }, given)).toMatchObject({ value: { site } })
  })
})

describe('Title and department', () => {
  it('come from the accepted offer and from the job', () => {
    expect(titleOf(hireOf({ offers: [offerOf({ jobTitle: 'Lead' })] }))).toBe('Lead')
    expect(titleOf(hireOf({ offers: [offerOf({ jobTitle: 'Lead', result: 'rejected' })] }))).toBe('Engineer')
    expect(departmentOf(hireOf())).toBe('Engineering')
    expect(titleOf(hireOf({ job: undefined }))).toBeUndefined()
  })
})

describe('The start date', () => {
  const on = (hire: object, rule: Parameters<typeof startDateOf>[1] = 'park') =>
    startDateOf(hireOf(hire), rule, triggeredAt)

  it.each([
    [
      'the accepted offer',
      { offers: [offerOf({ startOn: '2027-02-01' })], startOn: '2027-03-01' },
      '2027-02-01',
    ],
    [
      'the offer that was accepted last',
      {
        offers: [
          offerOf({ startOn: '2027-02-01', resultAt: '2026-10-01T23:30:00+00:00' }),
          offerOf({ startOn: '2027-02-03', resultAt: '2026-10-02T00:10:00+00:00' }),
          offerOf({ startOn: '2027-02-02', resultAt: '2026-10-02T01:00:00+02:00' }),
          offerOf({ startOn: '2027-02-04', resultAt: undefined }),
        ],
      },
      '2027-02-03',
    ],
    [
      'the application when no offer was accepted',
      { offers: [offerOf({ result: 'pending' })], startOn: '2027-03-01' },
      '2027-03-01',
    ],
    [
      'the application when the offer has no date',
      { offers: [offerOf({ startOn: undefined })], startOn: '2027-03-01' },
      '2027-03-01',
    ],
    [
      'a day written with a time, in its own offset',
      { offers: [], startOn: '2026-03-29T00:30:00+01:00' },
      '2026-03-29',
    ],
    ['a leap day', { offers: [], startOn: '2028-02-29' }, '2028-02-29'],
  ])('is that of %s', (...[_, hire, date]) => {
    expect(on(hire)).toBe(date)
  })

  it.each([
    '2027-02-29',
    '2027-13-01',
    '2027-00-10',
    '2027-04-31',
    '29/03/2027',
    'soon',
    '0000-00-00',
    '27-01-01',
  ])('is missing rather than moved when it is written as %s', (startOn) =>
    expect(on({ offers: [], startOn })).toBeUndefined(),
  )

  it('is never the day of hire, unless a rule says so', () => {
    const hire = { offers: [], startOn: undefined, hiredAt: '2026-11-20T09:00:00+00:00' }
    expect(on(hire)).toBeUndefined()
    expect(on(hire, { daysAfterHire: 14 })).toBe('2026-12-04')
  })

  it('counts from the day as it was written where the hire happened, else from the day of the event', () => {
    const hire = { offers: [], startOn: undefined }
    expect(on({ ...hire, hiredAt: '2026-11-24T23:30:00-08:00' }, { daysAfterHire: 0 })).toBe('2026-11-24')
    expect(on(hire, { daysAfterHire: 7 })).toBe('2026-12-01')
    expect(on({ ...hire, hiredAt: '2028-02-28T00:00:00+00:00' }, { daysAfterHire: 1 })).toBe('2028-02-29')
  })

  it('counts from the day where the tenant is, when that is known (W25)', () => {
    const hire = { offers: [], startOn: undefined, hiredAt: '2026-03-01T21:30:00+00:00' }
    const after = (timeZone?: string) => on(hire, { daysAfterHire: 14, timeZone })
    expect([after('Australia/Sydney'), after('America/New_York'), after()]).toEqual([
      '2026-03-16',
      '2026-03-15',
      '2026-03-15',
    ])
    const day = { ...hire, hiredAt: '2026-03-01' }
    expect(on(day, { daysAfterHire: 0, timeZone: 'America/New_York' })).toBe('2026-03-01')
    expect(on({ ...hire, hiredAt: undefined }, { daysAfterHire: 1, timeZone: 'Asia/Tokyo' })).toBe(
      '2026-11-26',
    )
  })

  it('is told when offer and application say different days, and when it is far away (W29; case 8)', () => {
    const now = new Date('2026-11-24T09:00:00Z')
    const told = (hire: object, taken: string) => startDateWarnings(hireOf(hire), taken, now)
    const differing = { offers: [offerOf({ startOn: '2026-12-01' })], startOn: '2027-01-01' }
    expect(told(differing, '2026-12-01')).toMatchObject([
      {
        code: 'hibob.start_dates_differ',
        message: 'The accepted offer and the application say different start dates: the offer’s was taken.',
      },
    ])
    const same = { ...differing, startOn: '2026-12-01T00:00:00+00:00' }
    for (const near of ['2026-12-01', '2025-11-24', '2028-11-23']) expect(told(same, near)).toEqual([])
    const far = (taken: string) => told(same, taken).map(({ code, message }) => [code, message])
    expect(far('2025-11-21')).toEqual([['hibob.start_date_far', expect.stringContaining('a year ago')]])
    expect(far('2028-11-26')).toEqual([
      ['hibob.start_date_far', expect.stringContaining('two years from now')],
    ])
  })

  it('is a personal value, so no day stands in a warning', () => {
    const now = new Date('2026-11-24T09:00:00Z')
    const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
    const written = fc.option(
      day.map((date) => date.toISOString().slice(0, 10)),
      { nil: undefined },
    )
    fc.assert(
      fc.property(written, written, (offered, startOn) => {
        const hire = hireOf({ offers: [offerOf({ startOn: offered })], startOn })
        const all = startDateWarnings(hire, offered ?? startOn ?? '', now)
        for (const { message } of all) expect(message).not.toMatch(/\d/)
      }),
    )
  })

  it('a rule does not replace a date that does not exist', () => {
    expect(on({ offers: [], startOn: '2027-02-29' }, { daysAfterHire: 7 })).toBeUndefined()
  })

  it('every day that exists passes byte for byte', () => {
    const day = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(day, (date) => {
        const written = date.toISOString().slice(0, 10)
        expect(calendarDay(written)).toBe(written)
      }),
    )
  })

  it.each([
    ['America/Los_Angeles', -8],
    ['Pacific/Kiritimati', 14],
    ['Asia/Kolkata', 5.5],
    ['Europe/London', 0],
  ])('is the same on a machine in %s (case 5)', async (TZ, offset) => {
    const program = new URL('print-start-dates.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env: { ...process.env, TZ } })
    expect(JSON.parse(stdout)).toEqual({
      offset,
      dates: ['2026-03-29', '2026-03-29', '2026-04-05', '2026-03-30'],
    })
  })
})

it('Texts are the same whatever their case, spaces and encoding of accents', () => {
  expect(sameText(' Zoë ', 'ZOË'.normalize('NFD'))).toBe(true)
  expect(sameText('Zoe', 'Zoë')).toBe(false)
})
