/**
 * Creates the employee with at most three calls in an attempt. Whether HiBob expects names or ids of list items is not documented: if it
 * clearly refuses a name, the next call sends the id, and the one after that leaves the field out, like every other optional value that
 * HiBob refuses. Each call is a `make` of its own, so a search and a ledger entry precede it.
 */
import {
  alreadyExists,
  type HandlerContext,
  type Json,
  type Made,
  type RefusedThisWay,
} from '../../sdk/index.ts'
import type { Bob } from './client.ts'
import { CreateRefused } from './create-refused.ts'
import { notKept, type SentValue, type Warning } from './kept.ts'
import type { WantedHire } from './mapped-hire.ts'
import { jsonValues, type MoreValue, type MoreValues, without } from './more-values.ts'
import { type EmployeeBody, fieldIds, fieldTitles } from './new-hire.ts'
import { otherwise } from './otherwise.ts'
import { leftOut, moreLeftOut, type Optional, type Place } from './place.ts'
import { nextAttempt, refusedBefore } from './refused-fields.ts'
import { sentValues } from './sent-values.ts'
import type { ListItem } from './wire.ts'

/** The items of HiBob's lists that the hire gets. */
type Items = Pick<Place, 'site' | 'title' | 'department'>
type Wanted = Pick<WantedHire, 'hire' | 'privateEmail' | 'more'> &
  Partial<Pick<WantedHire, 'mustKeep' | 'untold'>>

interface Deps {
  readonly bob: Pick<Bob, 'createEmployee'>
  readonly step: HandlerContext<unknown, unknown, unknown>['step']
  readonly onWarning: (warning: Warning) => void
}

/** The most calls that `ensure` allows in one attempt. */
const mostCalls = 3

/** Returns `make`: each call sends what the refusal of the previous one allows. */
export function employeeMaker({ bob, step, onWarning }: Deps, wanted: Wanted, items: Items) {
  const whole = optionalValues(wanted, items)
  const { mustKeep = new Set<string>() } = wanted
  let sent: MoreValues | undefined
  let calls = 0
  return async (): Promise<Made | typeof alreadyExists | RefusedThisWay> => {
    sent ??= await refusedBefore(step, whole, mustKeep)
    calls++
    const body = bodyOf(wanted, items, sent)
    try {
      const made = await bob.createEmployee(body)
      if (made === alreadyExists) return made
      for (const id of Object.keys(whole)) if (!(id in sent)) onWarning(refusedWarning(id, wanted, items))
      notKept(made.shown, sentValues(body, items, others(sent))).forEach(onWarning)
      return { id: made.id }
    } catch (error) {
      if (!(error instanceof CreateRefused)) throw error
      const next = otherwise(sent, error.fields, { again: calls > 1, mustKeep })
      if (next === undefined) throw error
      if (calls === mostCalls) throw await nextAttempt(step, whole, next)
      sent = next
      return { refused: error }
    }
  }
}

/** All values of the hire, to be compared with what HiBob holds when its answer was lost. */
export function allSent(wanted: Wanted, items: Items): readonly SentValue[] {
  const whole = optionalValues(wanted, items)
  return sentValues(bodyOf(wanted, items, whole), items, others(whole))
}

const optional = ['title', 'department', 'privateEmail'] as const satisfies readonly Optional[]

function optionalValues({ privateEmail, more }: Wanted, { title, department }: Items): MoreValues {
  const usual = {
    title: title && itemValue('title', title),
    department: department && itemValue('department', department),
    privateEmail: privateEmail === undefined ? undefined : plainValue('privateEmail', privateEmail),
  }
  const given = optional.flatMap((name) => {
    const value = usual[name]
    return value === undefined ? [] : [[fieldIds[name], value] as const]
  })
  return { ...Object.fromEntries(given), ...more }
}

function itemValue(name: Optional, { id, name: called, isNameShared = false }: ListItem): MoreValue {
  const goesById = isNameShared && id !== undefined
  const value = plainValue(name, goesById ? id : called)
  return { ...value, byId: goesById || id === called ? undefined : id, listed: true }
}

/** `category` and `shownAs` are empty because `sentValues` has its own for these fields. */
function plainValue(name: Optional, json: string): MoreValue {
  return { json, byId: undefined, listed: false, title: fieldTitles[name], category: '', shownAs: [] }
}

function bodyOf({ hire, untold }: Wanted, { site }: Items, sent: MoreValues): EmployeeBody {
  const textOf = (name: Optional) => text(sent[fieldIds[name]]?.json)
  return {
    ...{ ...hire, site: site.name, title: textOf('title'), department: textOf('department') },
    ...{ privateEmail: textOf('privateEmail'), more: jsonValues(others(sent)), untold },
  }
}

const text = (json: Json | undefined) => (typeof json === 'string' ? json : undefined)
const others = (sent: MoreValues) =>
  without(
    sent,
    optional.map((name) => fieldIds[name]),
  )

function refusedWarning(id: string, { privateEmail, untold }: Wanted, items: Items): Warning {
  const name = optional.find((one) => fieldIds[one] === id)
  if (name === undefined) return moreLeftOut(id)
  const told = {
    // Its source is not known here and may be personal.
    title: undefined,
    department: untold?.department === true ? undefined : items.department?.name,
    privateEmail,
  }
  return leftOut(name, told[name], 'HiBob refused it')
}
