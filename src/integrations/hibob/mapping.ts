/** HiBob's fields as targets of a mapping, and what we do by ourselves. */
import { type Json, likelyMeant, type Target } from '../../sdk/index.ts'
import { derived } from './field-rules.ts'
import { type Field, fieldIds, fieldTitles, managerField } from './new-hire.ts'
import type { Settings } from './settings.ts'
import { standardFields } from './standard-fields.ts'
import { isWorkColumn, rowTargets } from './tables.ts'

const target = (field: Field, type: Target['type'], group: string): Target => ({
  ...{ id: fieldIds[field], title: fieldTitles[field], type, group, required: false, writable: true },
})
const required = { required: true }

/** Sent by id: an address in the mapping is how they are found. */
const manager: Target = {
  ...{ id: managerField, title: 'manager', group: 'Work', type: 'person', required: false, writable: true },
}

export const targets: readonly Target[] = [
  { ...target('firstName', 'text', 'Basic info'), ...required, maxLength: 50 },
  { ...target('surname', 'text', 'Basic info'), ...required, maxLength: 50 },
  { ...target('email', 'text', 'Basic info'), ...required },
  { ...target('startDate', 'date', 'Work'), ...required },
  { ...target('site', 'choice', 'Work'), ...required },
  target('title', 'choice', 'Work'),
  target('department', 'choice', 'Work'),
  manager,
  target('privateEmail', 'text', 'Personal contact details'),
  ...standardFields,
  ...rowTargets,
]

/** `work.custom.field_1644932887286`, `work.customColumns.column_1655`: only HiBob knows which there are. */
export function isCustomField(id: string): boolean {
  return /^[a-z]+\.custom\.field_\d{1,20}$/i.test(id) || isWorkColumn(id)
}

/**
 * What may be a field of HiBob that we have not heard of: HiBob's own answer decides before anything is sent. What looks like one that
 * we know is more likely misspelled.
 */
export function mayBeField(id: string): boolean {
  if (isCustomField(id)) return true
  const isField = /^[a-z]\w*(\.\w[\w ]*)+$/i.test(id) && !derived(id)
  return isField && likelyMeant(id, targets).length === 0
}
export const standardIds = targets.map(({ id }) => id)

/** A field that we know without asking HiBob. */
export const standardField = (id: string): Target | undefined => byId.get(id)
const byId = new Map(targets.map((one) => [one.id, one]))

/** Settings that decide a field. With a mapping of the same field, neither would be the one that counts. */
export const decidedBy = {
  [fieldIds.site]: ['site', 'sites'],
  [fieldIds.startDate]: ['startDateRule'],
}

export const settingsOf = { [fieldIds.site]: { constant: 'site', values: 'sites', otherwise: 'site' } }

/** The settings of a connection as a mapping: what is sent for a field that the connection does not map. */
export function defaults({ site, sites, startDateRule }: Settings): Readonly<Record<string, Json>> {
  const days = startDateRule === 'park' ? undefined : startDateRule.daysAfterHire
  const otherwise = site === undefined ? {} : { otherwise: { value: site } }
  const located =
    Object.keys(sites).length > 0 ? { from: 'job.location', values: sites, ...otherwise } : 'job.location'
  return {
    [fieldIds.firstName]: 'candidate.firstName',
    [fieldIds.surname]: 'candidate.lastName',
    [fieldIds.email]: 'candidate.email',
    [fieldIds.startDate]: [
      'offer.startOn',
      'application.startOn',
      ...(days === undefined ? [] : [`application.hiredAt|plusDays(${days})`, `event.at|plusDays(${days})`]),
    ],
    [fieldIds.site]: site !== undefined && Object.keys(sites).length === 0 ? { constant: site } : located,
    [fieldIds.title]: ['offer.jobTitle', 'job.title'],
    [fieldIds.department]: 'job.department',
    [fieldIds.privateEmail]: 'candidate.email',
  }
}
