/** The values of a new employee beside the five that HiBob demands: which fields take one, and what fits them. */
import { z } from 'zod'

import type { Json, JsonObject } from '../../src/base/json.ts'
import type { HibobCall } from './call.ts'
import { fieldsOf, itemSent, listNamed } from './lists.ts'
import { leaves } from './parts.ts'
import type { Company } from './seed.ts'

type Of = Pick<HibobCall, 'store' | 'company'>

/** What HiBob works out by itself, and rows of tables of their own. */
const computed =
  /^(internal|payroll\.(salary|variable)|peopleAnalytics)\.|^address\.(site|fullAddress)|^root\.(id|fullName|state)$|^personal\.(age|shortBirthDate)$|^work\.(siteId|manager|isManager|tenure.*)$/

/** Columns of the work table are of no metadata, and a manager stands in an object. */
const besides = /^work\.(customColumns\.column_\d+|reportsTo\.id)$/

/** `root.` is a way of naming fields, not a level of the body. */
export function fieldId(path: string): string {
  return path.includes('.') ? path : `root.${path}`
}

/** Anything else is left out without a word. */
export function isWritten(company: Company, path: string): boolean {
  const id = fieldId(path)
  const isField = fieldsOf(company).some((field) => field.id === id)
  return (isField || besides.test(id)) && !computed.test(id)
}

/** Values of another kind than their field, in no list of it or in a form that the company does not take, and what it is told to refuse. */
export function unfitFields(of: Of, given: JsonObject): readonly string[] {
  return leaves(given, '').flatMap(([path, value]) => {
    const isRefused = of.company.refusedFields.includes(path)
    const isFit = value === null || !isWritten(of.company, path) || fits(of, fieldId(path), value)
    return isFit && !isRefused ? [] : [path]
  })
}

function fits({ store, company }: Of, id: string, value: Json): boolean {
  const { type = 'text', listId } = fieldsOf(company).find((field) => field.id === id) ?? {}
  if (type === 'multi-list')
    return Array.isArray(value) && value.every((one: Json) => isItem(company, listId, one))
  if (type === 'list_id') return typeof value === 'number' && hasId(company, listId, value)
  if (listId !== undefined) return isItem(company, listId, value)
  switch (type) {
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return z.iso.date().safeParse(value).success
    case 'employee-reference':
      return typeof value === 'string' && store.employee(value)?.company === company.name
    default:
      return typeof value === 'string'
  }
}

function isItem(company: Company, list = '', sent: Json): boolean {
  return typeof sent === 'string' && itemSent(company, list, sent) !== undefined
}

/** Of a list that is not shown, such as the working patterns, any id. */
function hasId(company: Company, list = '', sent: number): boolean {
  return listNamed(company, list)?.some(({ id }) => id === String(sent)) ?? true
}
