/**
 * The raw limit of acknowledging: a bare server that verifies the signature, puts the body into a table by one
 * multi-row insert for all that arrived meanwhile, and answers. It knows no tenants, no duplicates, no runs and no jobs.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import pg from 'pg'

import { serveBaseline } from './serve.ts'

const secret = process.env['SIGNING_SECRET'] ?? ''
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 2 })
await pool.query(
  'create table if not exists bodies (id bigint generated always as identity primary key, body bytea not null)',
)

interface Waiting {
  readonly body: Buffer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}
const waiting: Waiting[] = []
let writing = false

function store(body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    waiting.push({ body, resolve, reject })
    if (writing) return
    writing = true
    setImmediate(() => void writeAll())
  })
}

async function writeAll(): Promise<void> {
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 200)
    try {
      await pool.query({
        name: 'insert',
        text: 'insert into bodies (body) select unnest($1::bytea[])',
        values: [batch.map(({ body }) => body)],
      })
      for (const { resolve } of batch) resolve()
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  writing = false
}

function isRight(body: Buffer, signature: string | undefined): boolean {
  const given = Buffer.from(signature ?? '', 'base64')
  const right = createHmac('sha256', secret).update(body).digest()
  return given.length === right.length && timingSafeEqual(given, right)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

await serveBaseline(
  async (request, response) => {
    const body = await bodyOf(request)
    const signature = request.headers['pinpoint-hmac-sha256']
    const right = isRight(body, Array.isArray(signature) ? undefined : signature)
    if (right) await store(body)
    response.writeHead(right ? 200 : 401, { 'content-type': 'application/json' }).end(`{"stored":${right}}`)
  },
  () => pool.end(),
)
