/**
 * Lists the applications in a hired stage, ordered by their last change. An application that changes during the listing moves to
 * the end of that order and is read again, so none is skipped between two pages.
 */
import { secondsAfter } from '../base/clock.ts'
import type { Http } from '../base/http.ts'
import { type PageChoice, pageInParts, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { hireAttributes, manyResources, type Resource, stageAttributes } from './wire.ts'

/** A hire in the list, without personal data: names and e-mails are not requested. */
export interface ListedHire {
  /** The application's id. */
  readonly id: string
  readonly jobId: string | undefined
  readonly hiredAt: Date | undefined
  readonly updatedAt: Date
}

/** Where to continue the list. */
export interface HiresCursor {
  readonly updatedAfter: Date
  /** From 1. Increases only if more applications than fit on a page changed in the same second. */
  readonly page: number
}

export interface HiresPage {
  /** Ids of all applications on the page, hired or not. */
  readonly listed: readonly string[]
  readonly hires: readonly ListedHire[]
  /** Undefined on the last page. */
  readonly next: HiresCursor | undefined
}

/**
 * Pinpoint leaves out confidential jobs unless the filter names them.
 * https://developers.pinpointhq.com/reference/get-applications
 */
export async function listHires(http: Http, cursor: HiresCursor, pageSize: number): Promise<HiresPage> {
  const { page, updatedAfter } = cursor
  const parts = await pageInParts(
    (choice) => readPart(http, updatedAfter, choice),
    { page, size: pageSize },
    ({ hires }) => hires.length === 0,
  )
  const hires = parts.flatMap((part) => part.hires)
  // Each page starts at the last second of the one before, so the total is the number left only on a first page.
  const total = page === 1 ? parts[0]?.total : undefined
  const last = hires.length === 0 || (total !== undefined && hires.length >= total)
  return {
    listed: hires.map(({ hire }) => hire.id),
    hires: hires.filter(({ stage }) => stage === undefined || stage === 'hired').map(({ hire }) => hire),
    next: last ? undefined : after(cursor, latest(hires.map(({ hire }) => hire))),
  }
}

/** Keeps only the fields that a sweep needs. */
async function readPart(http: Http, updatedAfter: Date, { page, size }: PageChoice) {
  const answer = await http.send({
    method: 'GET',
    path: '/applications',
    query: {
      'filter[stage_basic_type]': 'hired',
      'filter[job_visibility]': 'confidential,external,internal',
      'filter[updated_at][gt]': updatedAfter.toISOString(),
      'fields[applications]': 'hired_at,job_id,stage_id,updated_at',
      include: 'stage',
      sort: 'updated_at',
      ...pageQuery(page, size),
    },
    bucket: 'api',
    operation: 'applications.list',
    list: true,
  })
  const { data, included, meta } = readAnswer(answer, (json) => manyResources.parse(json))
  return {
    hires: readAnswer(answer, () => data.map((one) => toHire(one, included))),
    total: meta?.stats.total.count,
  }
}

function toHire({ id, attributes }: Resource, included: readonly Resource[]) {
  const { hired_at, updated_at, job_id, stage_id } = hireAttributes.parse(attributes)
  const stage = included.find((one) => one.type === 'stages' && one.id === stage_id)
  return {
    hire: { id, jobId: job_id, hiredAt: hired_at, updatedAt: updated_at },
    stage: stage && stageAttributes.parse(stage.attributes).basic_type,
  }
}

function latest(hires: readonly ListedHire[]): Date {
  return new Date(Math.max(...hires.map(({ updatedAt }) => updatedAt.getTime())))
}

/** Pinpoint's timestamps have whole seconds, so the last second of a page is read again: the next page may have more of it. */
function after({ updatedAfter, page }: HiresCursor, last: Date): HiresCursor {
  const from = secondsAfter(last, -1)
  return from > updatedAfter ? { updatedAfter: from, page: 1 } : { updatedAfter, page: page + 1 }
}
