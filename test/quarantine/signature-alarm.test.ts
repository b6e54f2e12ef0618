// One alarm when a tenant's signatures begin to fail: not one a delivery, and none for what scanners post.
import { beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { newTenantId } from '../../src/base/ids.ts'
import { createSignatureAlarm, type SignatureAlarm } from '../../src/quarantine/signature-alarm.ts'

const acme = { id: newTenantId(), slug: 'acme' }
const globex = { id: newTenantId(), slug: 'globex' }
const hire = Buffer.from('{"event":"application_hired","triggeredAt":1,"data":{"application":{"id":1}}}')
const hour = 3_600_000

let now: number
let alarms: SignatureAlarm[]
let watch: ReturnType<typeof createSignatureAlarm>
beforeEach(() => {
  now = 1_000_000
  alarms = []
  const clock = { ...systemClock, now: () => new Date(now) }
  watch = createSignatureAlarm({ clock, onAlarm: (alarm) => alarms.push(alarm) })
})

const fail = (
  tenant: typeof acme | undefined,
  body = hire,
  signature: string | undefined = `${'A'.repeat(43)}=`,
) => watch.refused({ tenant, asked: '*', signature, body })

describe('The alarm', () => {
  it('rings at the first failure and is silent at those that follow, for each tenant', () => {
    for (let i = 0; i < 100; i++) fail(acme)
    fail(globex)
    fail(undefined)
    expect(alarms.map(({ tenant }) => tenant)).toEqual(['acme', 'globex', undefined])
  })

  it('is silent for hours and days of failures without a success', () => {
    fail(acme)
    now += 48 * hour
    fail(acme)
    expect(alarms).toHaveLength(1)
  })

  it('rings again when it fails again after a success, but at most once an hour', () => {
    for (let i = 0; i < 10; i++) {
      fail(acme)
      watch.verified(acme)
    }
    expect(alarms).toHaveLength(1)
    now += hour
    fail(acme)
    expect(alarms).toHaveLength(2)
  })

  it('that was silenced by a success within the hour rings when the hour is over and it still fails', () => {
    fail(acme)
    watch.verified(acme)
    fail(acme)
    now += hour
    fail(acme)
    expect(alarms).toHaveLength(2)
  })

  it('does not ring for a body that is no event, and then still does for one that is', () => {
    fail(acme, Buffer.from('<?php'))
    fail(acme, Buffer.from('{"a":1}'))
    expect(alarms).toEqual([])
    fail(acme)
    expect(alarms).toEqual([{ tenant: 'acme', signature: 'wrong' }])
  })

  it('says that the signature is missing where it is missing or malformed', () => {
    fail(acme, hire, 'sha256=abc')
    watch.refused({ tenant: globex, asked: '*', signature: undefined, body: hire })
    expect(alarms.map(({ signature }) => signature)).toEqual(['missing', 'missing'])
  })
})
