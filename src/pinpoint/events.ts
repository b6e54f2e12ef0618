/** The Pinpoint webhook events that we handle, by Pinpoint's names. All others are stored and answered with 200. */
import { z } from 'zod'

const id = z.union([z.string().trim().min(1), z.int()]).transform(String)

/** The resource that an event is about. */
export interface Subject {
  readonly resource: 'application'
  readonly id: string
}

export const eventCatalogue = {
  application_hired: {
    title: 'Applicant hired',
    /** An applicant was moved to the hired stage of a job. */
    data: z.looseObject({ application: z.looseObject({ id }), job: z.looseObject({ id }).optional() }),
    subject: (data: { readonly application: { readonly id: string } }): Subject => ({
      resource: 'application',
      id: data.application.id,
    }),
  },
} as const

/** Stored instead of an unknown name: names are not encrypted, and the sender could put anything there. */
export const otherEvent = 'other'

export type EventName = keyof typeof eventCatalogue

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventCatalogue, name)
}
