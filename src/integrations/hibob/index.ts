/**
 * HiBob: whoever is hired in Pinpoint exists in HiBob as one employee, with their CV.
 * Guide for operators: docs/integrations/hibob.md
 */
import { defineIntegration } from '../../sdk/index.ts'
import { checkHibob } from './check.ts'
import { openBob } from './client.ts'
import { allSent, employeeMaker } from './create-employee.ts'
import { ensureCv } from './cv.ts'
import { assertMayMake, findEmployee, findEmployeeById } from './employee.ts'
import { ensureRows } from './ensure-rows.ts'
import { derivedFields } from './field-rules.ts'
import { fieldsOfBob } from './fields.ts'
import type { Warning } from './kept.ts'
import { fieldsSeen, joinFields } from './live-fields.ts'
import { peopleInBob } from './manager.ts'
import { assertMayLeaveOut, assertWhole, wantedHire } from './mapped-hire.ts'
import { decidedBy, defaults, mayBeField, settingsOf, targets } from './mapping.ts'
import { jobUnread } from './new-hire.ts'
import { warnOfOtherStartDate } from './other-start-date.ts'
import { outcomesInBob } from './outcomes.ts'
import { placeInBob, placeOfMapped } from './place.ts'
import { placeRows, rowWarnings } from './place-rows.ts'
import { preflightHibob } from './preflight.ts'
import { secrets, settings } from './settings.ts'
import { startDateWarnings } from './start-date.ts'
import { unlistedColumn } from './tables.ts'
import { warningsOfCreate } from './warnings-of-create.ts'

export const hibob = defineIntegration({
  name: 'hibob',
  title: 'HiBob',
  settings,
  formerDefaults: { documents: 'shared' },
  secrets,
  check: checkHibob,
  preflight: preflightHibob,
  fields: ({ openHttp, settings, secrets }) => fieldsOfBob(openBob(openHttp, settings, secrets)),
  outcomes: ({ openHttp, settings, secrets, cached }, mapped, fields) =>
    outcomesInBob({ bob: openBob(openHttp, settings, secrets), cached }, mapped, fields),
  recordsById: true,
  mapping: {
    targets: [...targets, ...derivedFields],
    accepts: mayBeField,
    unlisted: unlistedColumn,
    defaults,
    decidedBy,
    settingsOf,
  },
  firstBucket: 'search',
  // https://apidocs.hibob.com/reference/post_people-identifier; where a sandbox account shows its people is not documented.
  recordUrl: (id, { apiUrl }) =>
    new URL(apiUrl).host === 'api.hibob.com'
      ? `https://app.hibob.com/employee-profile/${encodeURIComponent(id)}`
      : undefined,

  rechecks: {
    /** The sites that HiBob has: a run is parked for one that it does not. */
    sites: async ({ openHttp, settings, secrets }) =>
      (await openBob(openHttp, settings, secrets).namedList('site')) ?? null,
    /** All fields and lists: a run is parked for a mapped value that they do not have. */
    fields: ({ openHttp, settings, secrets }) => fieldsSeen(openBob(openHttp, settings, secrets)),
  },

  on: {
    async application_hired(context) {
      const { event, settings, secrets, openHttp, ensure, cached, now, mapped, optional, step } = context
      const bob = openBob(openHttp, settings, secrets)
      const lists = { bob, cached, optional }
      const joined = mapped && (await joinFields(lists, mapped))
      const { hire, candidate, ...wanted } = wantedHire(context, joined)
      const placed = { site: hire.site, ...wanted }
      const { warnings: leftOut, ...place } =
        joined === undefined ? await placeInBob(lists, placed) : await placeOfMapped(lists, joined, placed)
      if (joined !== undefined) assertMayLeaveOut(joined, wanted, place)
      const people = await peopleInBob(lists, joined)
      const { rows, leftOut: rowsLeftOut } = await placeRows(lists, wanted.rows)
      if (joined !== undefined) assertWhole(event.data, { ...joined, gaps: [] }, rowsLeftOut)
      const dates = startDateWarnings(event.data, hire.startDate, now())
      const mappedWarnings = [
        ...(joined?.warnings ?? []),
        ...leftOut,
        ...people.warnings,
        ...rowWarnings(rowsLeftOut),
      ]
      const warnings = [...jobUnread(event.data), ...dates, ...mappedWarnings]

      const sent = { hire, ...wanted, more: { ...wanted.more, ...people.more } }
      const ofCreate: Warning[] = []
      let seenByEmail = false

      // HiBob takes no idempotency key, so a lost answer is settled by looking before making.
      const employee = await ensure({
        title: 'Employee in HiBob',
        kind: 'employee',
        key: candidate.email,
        readLagSeconds: settings.readLagSeconds,
        find: async () => {
          const found = await findEmployee(bob, candidate)
          seenByEmail = found !== undefined && 'id' in found
          return found
        },
        findById: (id, named) => findEmployeeById(bob, candidate, { id, named }),
        mayMake: () => assertMayMake(candidate),
        make: employeeMaker({ bob, step, onWarning: (one) => ofCreate.push(one) }, sent, place),
      })
      if (employee.how !== 'found') {
        const created = { employee, warnings: ofCreate, seenByEmail, sent: () => allSent(sent, place) }
        const told = [...warnings, ...(await warningsOfCreate(context, bob, created))]
        told.forEach(({ code, message }) => context.warn(code, message))
      } else if (employee.madeEarlier === true) {
        // Others begin when they begin.
        await warnOfOtherStartDate(context, bob, { id: employee.id, startDate: hire.startDate })
      }

      await ensureRows(context, bob, { employee, rows })
      await ensureCv(context, bob, employee)
      return { did: employee.how === 'found' ? 'found' : 'created', record: employee }
    },
  },
})
