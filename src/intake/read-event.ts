/** Body → event, leniently: what we cannot read is still stored, since a 4xx would in the end disable the endpoint. */
import { hash } from 'node:crypto'

import { z } from 'zod'

import { parseJson } from '../base/json.ts'
import { eventCatalogue, isEventName } from '../pinpoint/events.ts'

const envelope = z.looseObject({
  // Printable ASCII: what PostgreSQL would refuse to store (a NUL) must not turn a verified delivery into an error.
  event: z.string().regex(/^[\x20-\x7e]{1,200}$/),
  triggeredAt: z.union([z.number(), z.string().min(1)]).optional(),
  data: z.unknown(),
})

export interface ReadEvent {
  readonly name: string | undefined
  readonly subject: string | undefined
  readonly triggeredAt: Date | undefined
  readonly identity: Buffer
}

export function readEvent(body: Buffer): ReadEvent {
  const parsed = envelope.safeParse(parseJson(body.toString('utf8')))
  if (!parsed.success) {
    return { name: undefined, subject: undefined, triggeredAt: undefined, identity: sha256(body) }
  }
  const { event: name, triggeredAt, data } = parsed.data
  const subject = subjectOf(name, data)
  return {
    name,
    subject: subject?.id ?? applicationOf(data),
    triggeredAt: toInstant(triggeredAt),
    // Of an event that we do not know, and without a subject or a time, nothing tells two apart but their bytes.
    identity:
      subject === undefined || triggeredAt === undefined
        ? sha256(body)
        : sha256(JSON.stringify([name, subject.resource, subject.id, String(triggeredAt)])),
  }
}

const aboutApplication = z.looseObject({ application: z.looseObject({ id: z.union([z.string(), z.int()]) }) })

/**
 * Most of Pinpoint's events are not documented by name. One that names an application is about it all the same: a sign to look
 * at runs that wait for it.
 */
function applicationOf(data: unknown): string | undefined {
  const parsed = aboutApplication.safeParse(data)
  return parsed.success ? idOf(String(parsed.data.application.id)) : undefined
}

function idOf(text: string): string | undefined {
  return /^[\w-]{1,64}$/.test(text) ? text : undefined
}

function subjectOf(name: string, data: unknown) {
  if (!isEventName(name)) return undefined
  const parsed = eventCatalogue[name].data.safeParse(data)
  if (!parsed.success) return undefined
  const subject = eventCatalogue[name].subject(parsed.data)
  return idOf(subject.id) === undefined ? undefined : subject
}

/** Pinpoint sends Unix seconds; milliseconds and ISO 8601 are understood too, should that ever change. */
function toInstant(value: number | string | undefined): Date | undefined {
  if (value === undefined) return undefined
  const number = typeof value === 'number' ? value : /^\d+$/.test(value) ? Number(value) : undefined
  const instant = number === undefined ? new Date(value) : new Date(number < 1e11 ? number * 1000 : number)
  const year = instant.getUTCFullYear()
  return year >= 2000 && year < 2200 ? instant : undefined
}

function sha256(data: string | Buffer): Buffer {
  return hash('sha256', data, 'buffer')
}
