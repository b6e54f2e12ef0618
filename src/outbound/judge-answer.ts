/** A complete answer → the client's result: the parsed answer, or the failure that it means. */
import { AnswerTooLarge, RetryLater, UnrecognisedAnswer } from '../base/failure.ts'
import type { HttpAnswer, HttpRequest } from '../base/http.ts'
import { type ReadRefusal, type Refusal, withoutValues } from '../base/refusal.ts'
import { unpack } from '../base/unpack.ts'
import { headerOf } from './rate-limit-headers.ts'
import {
  type Call,
  describeAnswer,
  detailsOf,
  type FailedAnswer,
  requestIdOf,
  statusToFailure,
} from './status-to-failure.ts'
import { largestAnswer, type WholeAnswer } from './whole-answer.ts'

export type Answer = Omit<WholeAnswer, 'leave'>

export function judgeAnswer(
  call: Call,
  request: HttpRequest & { readonly refusals: ReadRefusal },
  answer: Answer & { readonly now: Date },
): HttpAnswer {
  const { status, headers, body, now } = answer
  const contentType = (headerOf(headers, 'content-type') ?? '').toLowerCase()
  const isHtml = contentType.includes('html')
  const { json, tooLarge } = isHtml ? { json: undefined, tooLarge: false } : readBody(request, body)
  const requestId = requestIdOf(headers)
  const judged = { status, contentType, json, ...(requestId !== undefined && { requestId }) }
  const failed = { status, headers, now, contentType, requestId, refusal: refusalOf(request, status, json) }

  if (request.answers?.includes(status) === true && isOfTheApi(failed)) {
    return { ...judged, ...(failed.refusal !== undefined && { refusal: failed.refusal }) }
  }
  if (status < 200 || status >= 300) throw statusToFailure(call, failed)
  if (request.body === 'any' || json !== undefined || body?.length === 0) return judged
  if (tooLarge && !call.effect) throw answerTooLarge(call, request, failed)
  throw notJson(call, failed, isHtml)
}

/** Text has a few parts per kilobyte, a list of hires about twenty per entry: this is more than a meaningful answer of 2 MiB has. */
const mostParts = 100_000

interface Read {
  readonly json: unknown
  readonly tooLarge: boolean
}

function readBody({ list }: HttpRequest, body: Buffer | undefined): Read {
  if (body === undefined) return { json: undefined, tooLarge: true }
  const mostBytes = list === true ? largestAnswer.list : largestAnswer.usual
  const unpacked = unpack(body, { mostBytes, mostParts })
  const tooLarge = unpacked === 'too_large'
  return { json: tooLarge ? undefined : unpacked?.json, tooLarge }
}

function answerTooLarge(call: Call, { list }: HttpRequest, answer: FailedAnswer): AnswerTooLarge {
  const { destination: name, bucket } = call
  return new AnswerTooLarge(
    `${name}.answer_too_large`,
    `${name} answered "${bucket}" with more than ${list === true ? 2 : 1} MiB.`,
    {
      details: detailsOf(call, answer),
      fix: 'Find what is so large there (texts, attachments, lists) and make it smaller. Then resume the run.',
    },
  )
}

/** Undefined: no refusal, or not from this API. If the body is not ours to judge, the status decides. */
function refusalOf(
  { body, json: sent, effect, refusals }: HttpRequest & { readonly refusals: ReadRefusal },
  status: number,
  json: unknown,
): Refusal | undefined {
  if (status < 400) return undefined
  if (body === 'any') return { blames: blamedByStatus(status), objections: [] }
  const read = refusals(status, json)
  return read === undefined || effect !== true ? read : withoutValues(read, sent)
}

function blamedByStatus(status: number): Refusal['blames'] {
  if (status === 401) return 'credentials'
  return status === 403 ? 'permission' : 'request'
}

/** Statuses that something in front of the API returns as well. The other ones are unambiguous. */
const ambiguous = [400, 401, 403, 404, 405, 406, 407, 410]

function isOfTheApi({ status, refusal }: FailedAnswer): boolean {
  return refusal !== undefined || !ambiguous.includes(status)
}

/** HiBob answers a wrong path with 200 and its login page; a proxy in between may answer anything. */
function notJson(call: Call, answer: FailedAnswer, isHtml: boolean) {
  const { destination: name, effect } = call
  const details = detailsOf(call, answer)
  if (effect) {
    return new RetryLater(
      `${name}.answer_unreadable`,
      `${name} accepted the call, but its answer is not JSON.`,
      {
        details,
        outcome: 'unclear',
      },
    )
  }
  if (!isHtml)
    return new RetryLater(`${name}.answer_unreadable`, `${name}'s answer is not readable JSON.`, { details })
  return new UnrecognisedAnswer(
    `${name}.answer_unrecognised`,
    `${name} answered with a web page instead of data (${describeAnswer(answer)}).`,
    { details, kind: 'outage' },
  )
}
