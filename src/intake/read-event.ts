/** Body → event, leniently: an unreadable body is stored as well, since a 4xx would in the end disable the endpoint. */
import { hash } from 'node:crypto'

import { z } from 'zod'

import { unpack } from '../base/unpack.ts'
import { eventCatalogue, isEventName, otherEvent } from '../pinpoint/events.ts'

/** Printable ASCII: a character that PostgreSQL does not store (NUL) must not turn a verified delivery into an error. */
const eventName = z
  .string()
  .trim()
  .regex(/^[\x20-\x7e]{1,200}$/)
const envelope = z.looseObject({
  event: z.unknown().optional(),
  triggeredAt: z.unknown().optional(),
  data: z.unknown().optional(),
})

export interface ReadEvent {
  /** A name that we know, or `other`. */
  readonly name: string | undefined
  readonly subject: string | undefined
  readonly triggeredAt: Date | undefined
  readonly identity: Buffer
  /** Why the body could not be read. */
  readonly unread?: 'no_json' | 'too_large'
}

/** The same limit as for an uncompressed body. */
const largestUnpacked = 1024 * 1024

const nothingRead = { name: undefined, subject: undefined, triggeredAt: undefined } as const

export function readEvent(body: Buffer): ReadEvent {
  const unpacked = unpack(body, { mostBytes: largestUnpacked })
  if (unpacked === undefined) return { ...nothingRead, identity: sha256(body), unread: 'no_json' }
  if (unpacked === 'too_large') return { ...nothingRead, identity: sha256(body), unread: 'too_large' }
  const parsed = envelope.safeParse(unpacked.json)
  if (!parsed.success) return { ...nothingRead, identity: sha256(body) }

  const { triggeredAt, data } = parsed.data
  const name = eventName.safeParse(parsed.data.event).data
  const subject = name === undefined ? undefined : subjectOf(name, data)
  const moment = toMoment(triggeredAt)
  return {
    name: name === undefined || isEventName(name) ? name : otherEvent,
    subject: subject?.id ?? applicationOf(data),
    triggeredAt: moment === undefined ? undefined : toInstant(moment),
    // Events that we do not know, or without a subject or a time, differ by their bytes only.
    identity:
      subject === undefined || moment === undefined
        ? sha256(unpacked.bytes)
        : sha256(JSON.stringify([name, subject.resource, subject.id, String(moment)])),
  }
}

const aboutApplication = z.looseObject({
  application: z.looseObject({ id: z.union([z.string().trim(), z.int()]) }),
})

/**
 * Most of Pinpoint's events are not documented. One that names an application is about it nonetheless, and brings forward
 * the rechecks of its runs.
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

function toMoment(value: unknown): number | string | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : undefined
}

/** Pinpoint sends Unix seconds; milliseconds and ISO 8601 are understood too, in case that changes. */
function toInstant(moment: number | string): Date | undefined {
  const number = typeof moment === 'number' ? moment : /^\s*\d+\s*$/.test(moment) ? Number(moment) : undefined
  const instant =
    number === undefined ? parseTime(String(moment).trim()) : new Date(number < 1e11 ? number * 1000 : number)
  const year = instant.getUTCFullYear()
  return year >= 2000 && year < 2200 ? instant : undefined
}

const day = String.raw`\d{4}-\d{2}-\d{2}`
const withZone = new RegExp(String.raw`^${day}$|(z|gmt|utc|[+-]\d{2}:?\d{2})$`, 'i')
const withoutZone = new RegExp(String.raw`^${day}[t ][\d:.]+$`, 'i')

/** A time without a zone is UTC, never the zone of this machine. */
function parseTime(text: string): Date {
  return new Date(withoutZone.test(text) ? `${text}Z` : withZone.test(text) ? text : NaN)
}

function sha256(data: string | Buffer): Buffer {
  return hash('sha256', data, 'buffer')
}
