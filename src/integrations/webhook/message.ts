/** What a receiver is told about a hire: thin, to be looked up in Pinpoint, or full. */
import type { HandlerContext, HiredApplication, JsonObject } from '../../sdk/index.ts'

type HireEvent = HandlerContext<unknown, unknown, HiredApplication>['event']

/** `thin` holds no personal data and cannot be out of date. */
export function messageBody({ tenant, triggeredAt, data }: HireEvent, payload: 'thin' | 'full'): string {
  const thin = { tenant, applicationId: data.id, jobId: data.jobId ?? null }
  return JSON.stringify({
    type: 'application.hired',
    timestamp: triggeredAt.toISOString(),
    data: payload === 'thin' ? thin : { ...thin, ...details(data) },
  })
}

/** Without the links of attachments: whoever holds one can fetch the CV. */
function details({
  firstName,
  lastName,
  email,
  phone,
  startOn,
  job,
  offers,
  customAttributes,
}: HiredApplication): JsonObject {
  return {
    candidate: {
      firstName: firstName ?? null,
      lastName: lastName ?? null,
      email: email ?? null,
      phone: phone ?? null,
    },
    startOn: startOn ?? null,
    job:
      job === undefined
        ? null
        : { title: job.title ?? null, location: job.location ?? null, department: job.department ?? null },
    offers: (offers ?? []).map(({ result, jobTitle, startOn }) => ({
      result: result ?? null,
      jobTitle: jobTitle ?? null,
      startOn: startOn ?? null,
    })),
    customAttributes,
  }
}
