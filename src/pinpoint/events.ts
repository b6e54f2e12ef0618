/** The webhook events of Pinpoint that we understand, by their own names. Everything else is stored and answered 200. */
import { z } from 'zod'

const id = z.union([z.string().trim().min(1), z.int()]).transform(String)

/** Who an event is about: the resource and its id. */
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

/** Stands for every other name: whoever signs a body writes what they like there, and it is kept in clear. */
export const otherEvent = 'other'

export type EventName = keyof typeof eventCatalogue

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventCatalogue, name)
}
