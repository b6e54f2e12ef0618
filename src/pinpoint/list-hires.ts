/**
 * Lists the applications in a hired stage, ordered by their last change. An application that changes during the listing moves to
 * the end of that order and is read again, so none is skipped between two pages.
 */
import { secondsAfter } from '../base/clock.ts'
import type { Http } from '../base/http.ts'
import type { Offer } from './hired-application.ts'
import { type PageChoice, pageInParts, pageQuery } from './pages.ts'
import { readAnswer } from './read-answer.ts'
import { readOffer } from './read-application.ts'
import { hireAttributes, manyResources, offerAttributes, type Resource, stageAttributes } from './wire.ts'

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

const mostRecent = 100

/** Names are not requested. A key that may not read offers, or a list that does not include them, gets `refused`. */
export async function listRecentOffers(
  http: Http,
): Promise<readonly (readonly Offer[])[] | { readonly refused: number }> {
  const parts = await pageInParts(
    (choice) => readOffersPart(http, choice),
    { page: 1, size: mostRecent },
    (part) => 'refused' in part || part.hires === 0,
  )
  const refused = parts.find((part) => 'refused' in part)
  if (refused !== undefined) return refused
  const all = parts.flatMap((part) => ('offers' in part ? part.offers : []))
  return [...Map.groupBy(all, ({ application }) => application).values()].map((ofOne) =>
    ofOne.map(({ offer }) => offer),
  )
}

interface OffersPart {
  /** Number of hires on the page, with offers or without. */
  readonly hires: number
  readonly offers: readonly { readonly application: string; readonly offer: Offer }[]
}

async function readOffersPart(
  http: Http,
  { page, size }: PageChoice,
): Promise<OffersPart | { readonly refused: number }> {
  const answer = await http.send({
    method: 'GET',
    path: '/applications',
    query: {
      'filter[stage_basic_type]': 'hired',
      'filter[job_visibility]': 'confidential,external,internal',
      'fields[applications]': 'job_id',
      include: 'offers',
      sort: '-updated_at',
      ...pageQuery(page, size),
    },
    bucket: 'api',
    operation: 'applications.list',
    list: true,
    answers: [400, 403, 422],
  })
  if (answer.status !== 200) return { refused: answer.status }
  const { data, included } = readAnswer(answer, (json) => manyResources.parse(json))
  return {
    hires: data.length,
    // Sparse fieldsets may leave out the relationship, so the offer's own `application_id` counts.
    offers: readAnswer(answer, () =>
      included
        .filter(({ type }) => type === 'offers')
        .map((one) => ({
          application: offerAttributes.parse(one.attributes).application_id ?? `of offer ${one.id}`,
          offer: readOffer(one, included),
        })),
    ),
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
