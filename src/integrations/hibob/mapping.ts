/** HiBob's fields as targets of a mapping, and what we do by ourselves. */
import type { Json, Target } from '../../sdk/index.ts'
import { type Field, fieldIds, fieldTitles, managerField } from './new-hire.ts'
import type { Settings } from './settings.ts'
import { isWorkColumn, rowTargets } from './tables.ts'

const target = (field: Field, type: Target['type'], group: string): Target => ({
  ...{ id: fieldIds[field], title: fieldTitles[field], type, group, required: false, writable: true },
})
const required = { required: true }

/** Sent by id: an address in the mapping is how they are found. */
const manager: Target = {
  ...{ id: managerField, title: 'manager', group: 'Work', type: 'person', required: false, writable: true },
}

const more = (id: string, title: string, group: string): Target => ({
  ...{ id, title, group, type: 'text', required: false, writable: true },
})

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
  more('home.privatePhone', 'personal phone', 'Personal contact details'),
  more('home.mobilePhone', 'personal mobile phone', 'Personal contact details'),
  ...rowTargets,
]

/** `work.custom.field_1644932887286`, `work.customColumns.column_1655`: only HiBob knows which there are. */
export function isCustomField(id: string): boolean {
  return /^[a-z]+\.custom\.field_\d{1,20}$/i.test(id) || isWorkColumn(id)
}

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
