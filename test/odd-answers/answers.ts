/** What of a hire's answers can be odd: every member of each, how the bytes are sent, and what a refusal says. */
import fc from 'fast-check'

import type { FaultRule } from '../../sandbox/index.ts'
import { type Json, parseJson } from '../../src/base/json.ts'
import type { Heard } from '../simulation/network.ts'
import { playOdd, type There } from './play.ts'

export interface OddAnswer extends Pick<FaultRule, 'system' | 'operation' | 'effect'> {
  readonly there: There
  readonly times: number | 'always'
}

/** A member of an answer: a JSON pointer, the whole and the elements of lists with them. */
interface Member extends Pick<FaultRule, 'system' | 'operation'> {
  readonly there: There
  readonly member: string
}

/** By the answers of a hire of which nothing is odd. */
async function membersOf(there: There): Promise<readonly Member[]> {
  const members = new Map<string, Member>()
  const hooks = {
    answered({ system, operation, body }: Heard) {
      const json = parseJson(body.toString())
      if (json === undefined) return
      for (const member of pointersIn(json as Json))
        members.set(`${operation} ${member}`, { there, system, operation, member })
    },
  }
  await playOdd(undefined, there, { hooks })
  return [...members.values()]
}

function pointersIn(json: Json, pointer = ''): readonly string[] {
  if (typeof json !== 'object' || json === null) return [pointer]
  const below = Object.entries(json) as readonly (readonly [string, Json])[]
  const named = (name: string) => `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  return [pointer, ...below.flatMap(([name, value]) => pointersIn(value, named(name)))]
}

const times = fc.constantFrom(1 as const, 'always' as const)
const there = fc.constantFrom<There>('nobody', 'theirs', 'other')
const becomes = fc.constantFrom(null, [], {}, 7, 'odd', '', true, [null], [7], { odd: null })

export async function oddMembers(): Promise<fc.Arbitrary<OddAnswer>> {
  const members = [
    ...(await membersOf('nobody')),
    ...(await membersOf('theirs')),
    ...(await membersOf('other')),
  ]
  // Each operation as often as any other, however much it answers.
  const byOperation = [...Map.groupBy(members, (one) => `${one.there} ${String(one.operation)}`).values()]
  return fc
    .record({ member: fc.oneof(...byOperation.map((all) => fc.constantFrom(...all))), becomes, times })
    .map(({ member: { member, ...where }, becomes: value, times: often }) => ({
      ...where,
      times: often,
      effect: { member, becomes: value },
    }))
}

const operations = fc.constantFrom<Pick<FaultRule, 'system' | 'operation'>>(
  { system: 'pinpoint', operation: 'applications.get' },
  { system: 'pinpoint', operation: 'jobs.get' },
  { system: 'pinpoint', operation: 'comments.list' },
  { system: 'pinpoint', operation: 'comments.create' },
  { system: 'hibob', operation: 'people.search' },
  { system: 'hibob', operation: 'people.create' },
  { system: 'hibob', operation: 'lists.get' },
  { system: 'hibob', operation: 'docs.list' },
  { system: 'hibob', operation: 'docs.upload' },
  { system: 'files', operation: 'files.link' },
  { system: 'files', operation: 'files.get' },
)

const page = { body: '<html><body>Sign in</body></html>', headers: { 'content-type': 'text/html' } }

export const oddBytes: fc.Arbitrary<OddAnswer> = fc
  .record({
    where: operations,
    there,
    times,
    effect: fc.constantFrom<FaultRule['effect']>(
      { packed: 'gzip' },
      { packed: 'gzip unsaid' },
      { packed: 'marked' },
      { malformed: true },
      { html: true },
      { status: 200, at: 'after', ...page },
      { status: 200, at: 'after', body: '' },
      { page: { status: 403 } },
      { page: { status: 503 } },
    ),
  })
  .map(({ where, ...rest }) => ({ ...where, ...rest }))

const quoted = 'Zebulon Quagmire <zebulon.quagmire@example.com>'

/** Texts of another make, which may quote the person. */
export const oddRefusals: fc.Arbitrary<OddAnswer> = fc
  .record({
    where: operations,
    there,
    times,
    status: fc.constantFrom(400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502),
    body: fc.constantFrom<Json>(
      null,
      [],
      7,
      quoted,
      { key: 7, error: null, errors: null },
      { key: quoted, error: quoted, args: [quoted] },
      { errorMessage: quoted },
      { errors: { 'root.email': { error: quoted, message: quoted }, [quoted]: { error: 'invalid' } } },
      { errors: [{ title: quoted, detail: quoted, source: { pointer: quoted }, code: null }] },
      { errors: [null, [], quoted], meta: quoted },
    ),
  })
  .map(({ where, status, body, times: often, ...rest }) => ({
    ...where,
    ...rest,
    // A limit that is never lifted is asked about every half minute for three days: so many steps show nothing more.
    times: status === 429 && often === 'always' ? 20 : often,
    effect: { status, body: JSON.parse(JSON.stringify(body)) as never },
  }))
