/** The routes of the imitated HiBob API, below `/hibob/v1`. Each call is gated, authorised, permitted and limited. */
import { Hono } from 'hono'

import { type Gate, gated, type SandboxContext, type SandboxEnv, type SandboxHandler } from '../gate.ts'
import { htmlPage } from '../inflict.ts'
import type { RateWindows } from '../rate-window.ts'
import { denial, injected, refusal, tooMany, withLimit } from './answers.ts'
import type { HibobCall } from './call.ts'
import { createEmployee } from './create-employee.ts'
import { addByUpload, addByUrl, listDocuments, listFolders } from './documents.ts'
import { getFields, getNamedList, getNamedLists } from './lists.ts'
import { readEmployee, searchEmployees } from './read-employees.ts'
import { mayTouchRows, type RowRight } from './rights.ts'
import type { Company, Permission } from './seed.ts'
import type { HibobStore } from './store.ts'
import { tableNames } from './table-store.ts'
import { addRow, listRows } from './tables.ts'

type Handler = (call: HibobCall, c: SandboxContext) => Response | Promise<Response>

interface Rules {
  readonly needs?: Permission
  /** Of the category whose history it is. */
  readonly rows?: RowRight
  /** Counted, fifty a minute for each service user, or as many as this says. Documents are not limited. */
  readonly limited?: true | number
}

/** What the headers say when nothing is limited: they are always there, as in the recorded answer. */
const plenty = 1_000_000

export function hibobRoutes(gate: Gate, store: HibobStore, windows: RateWindows): Hono<SandboxEnv> {
  const app = new Hono<SandboxEnv>()
  const account = (c: SandboxContext) => callerOf(store, c)?.name ?? ''
  const open = gated(gate, {
    system: 'hibob',
    account,
    tooMany: (limit) => tooMany(limit, gate.clock.now()),
    refusal: injected,
    // HiBob stands behind Cloudflare, and names calls in no header of its own.
    requestId: { header: 'cf-ray', make: (hex) => `${hex.slice(0, 16)}-LHR` },
  })
  const on = (operation: string, rules: Rules, handler: Handler): SandboxHandler =>
    open(operation, async (c) => {
      const company = authorise(store, c, rules)
      const call = { store, company, now: gate.clock.now() }
      if (!rules.limited) return handler(call, c)
      const most = rules.limited === true ? 50 : rules.limited
      const limit = company.rateLimited ? most : plenty
      const window = windows.take(`hibob ${company.name} ${operation}`, limit)
      if (window.exceeded) return tooMany(window, call.now)
      const answer = await handler(call, c)
      // The recorded 400 carried no rate-limit headers.
      return answer.ok ? withLimit(answer, window) : answer
    })

  app.post('/people', on('people.create', { needs: 'people.create', limited: true }, createEmployee))
  app.post('/people/search', on('people.search', { needs: 'people.read', limited: true }, searchEmployees))
  app.post('/people/:identifier', on('people.get', { needs: 'people.read' }, readEmployee))
  for (const table of tableNames) {
    const path = `/people/:identifier/${table}`
    const rules = (to: RowRight['to']) => ({ rows: { table, to }, limited: 10 })
    app.get(path, on(`${table}.list`, { ...rules('view'), needs: `${table}.read` }, listRows(table)))
    app.post(path, on(`${table}.add`, { ...rules('edit'), needs: `${table}.write` }, addRow(table)))
  }
  for (const folder of ['shared', 'confidential', 'custom/:folderId']) {
    app.post(`/docs/people/:id/${folder}`, on('docs.upload', { needs: 'docs.upload' }, addByUrl))
  }
  for (const folder of ['shared', 'confidential', 'folders/:folderId']) {
    app.post(`/docs/people/:id/${folder}/upload`, on('docs.upload', { needs: 'docs.upload' }, addByUpload))
  }
  app.get('/docs/people/:id', on('docs.list', { needs: 'docs.read' }, listDocuments))
  app.get('/docs/folders/metadata', on('folders.list', {}, listFolders))
  app.get('/company/named-lists', on('lists.all', { needs: 'lists.read', limited: true }, getNamedLists))
  app.get('/company/named-lists/:name', on('lists.get', { needs: 'lists.read', limited: true }, getNamedList))
  app.get('/company/people/fields', on('fields.list', { needs: 'fields.read', limited: true }, getFields))
  // A wrong path is no 404 at HiBob.
  app.all('*', open('unknown', htmlPage))
  return app
}

/** https://apidocs.hibob.com/reference/authorization */
function authorise(store: HibobStore, c: SandboxContext, { needs, rows }: Rules): Company {
  const company = callerOf(store, c)
  if (!company) throw refusal(401, 'tokenNotMatch', 'The service user could not be authenticated')
  const isRefused = rows !== undefined && !mayTouchRows(company, rows)
  if (needs && (isRefused || company.denied.includes(needs))) {
    if (company.deniedWith === 'key') throw refusal(403, 'forbidden', `The service user may not ${needs}`)
    throw denial(company.deniedWith, needs)
  }
  return company
}

function callerOf(store: HibobStore, c: SandboxContext): Company | undefined {
  const [scheme, encoded = ''] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic') return undefined
  const given = Buffer.from(encoded, 'base64').toString()
  return store.companies().find((company) => `${company.serviceUserId}:${company.serviceUserToken}` === given)
}
