/** How a seed becomes an application, and how one is changed: gaps are filled with somebody invented who can be hired. */
import type { z } from 'zod'

import { firstNameIn, personOf } from '../person.ts'
import type { Application, Cv, Job, Offer } from './application.ts'
import type { applicationChanges, OfferSeed } from './seed.ts'

export type Changes = z.output<typeof applicationChanges>

export interface Birth {
  readonly id: string
  readonly tenant: string
  readonly job: Job
  readonly now: Date
}

const firstNames = [
  'Ada',
  'Grace',
  'Alan',
  'Katherine',
  'Edsger',
  'Barbara',
  'Dennis',
  'Radia',
  'Ken',
  'Frances',
]
const lastNames = ['Example', 'Sample', 'Specimen', 'Placeholder', 'Fixture', 'Demo', 'Model', 'Instance']

export function newApplication(given: Changes, { id, tenant, job, now }: Birth): Application {
  const seed = given.isDemo === true ? { ...asRecordedOfDemoData, ...given } : given
  // HiBob refuses digits in names, so it is the e-mail that makes two people differ.
  const number = Number(id)
  const invented = firstNames[number % firstNames.length] ?? 'Ada'
  const firstName = seed.firstName ?? (seed.email === undefined ? invented : firstNameIn(seed.email))
  const lastName = seed.lastName ?? lastNames[number % lastNames.length] ?? 'Example'
  const email =
    seed.email ?? `${firstName}.${lastName}.${id}@example.com`.toLowerCase().replace(/[^a-z0-9.@]/g, '')
  const blank: Application = {
    id,
    tenant,
    firstName,
    lastName,
    preferredName: null,
    email,
    person: personOf({ email, firstName }),
    phone: '+15555550100',
    country: 'Jersey',
    attributes: {},
    startOn: null,
    externalSystemReference: null,
    // A start date given, even as null, is the only one there is.
    offers:
      seed.startOn === undefined ? numbered(id, [{ result: 'accepted', startOn: inThirtyDays(now) }]) : [],
    stage: 'hired',
    hiredAt: now.toISOString(),
    concealed: false,
    internalCandidate: false,
    isDemo: false,
    job,
    cv: toCv({}),
    customAttributes: {},
    candidateAttributes: {},
    oddAttachments: [],
    onboardingStartAt: undefined,
    onboardingAnswers: {},
    late: null,
    createdAt: now,
    updatedAt: now,
  }
  return changedApplication(blank, seed, job)
}

const asRecordedOfDemoData = { hiredAt: null, startOn: null, internalCandidate: true } as const

/** The application with what is named changed, and nothing else. */
export function changedApplication(before: Application, changes: Changes, job: Job): Application {
  return {
    ...before,
    job,
    firstName: changes.firstName ?? before.firstName,
    lastName: changes.lastName ?? before.lastName,
    preferredName: changes.preferredName === undefined ? before.preferredName : changes.preferredName,
    email: changes.email ?? before.email,
    person: changes.person ?? before.person,
    phone: changes.phone === undefined ? before.phone : changes.phone,
    country: changes.country === undefined ? before.country : changes.country,
    attributes: changes.attributes ?? before.attributes,
    startOn: changes.startOn === undefined ? before.startOn : changes.startOn,
    externalSystemReference:
      changes.externalSystemReference === undefined
        ? before.externalSystemReference
        : changes.externalSystemReference,
    offers: changes.offers ? numbered(before.id, changes.offers) : before.offers,
    stage: changes.stage ?? before.stage,
    hiredAt: changes.hiredAt === undefined ? before.hiredAt : changes.hiredAt,
    concealed: changes.concealed ?? before.concealed,
    internalCandidate: changes.internalCandidate ?? before.internalCandidate,
    isDemo: changes.isDemo ?? before.isDemo,
    cv: changes.cv === undefined ? before.cv : toCv(changes.cv),
    customAttributes: changes.customAttributes ?? before.customAttributes,
    candidateAttributes: changes.candidateAttributes ?? before.candidateAttributes,
    oddAttachments: changes.oddAttachments ?? before.oddAttachments,
    onboardingStartAt: changes.onboardingStartAt ?? before.onboardingStartAt,
    onboardingAnswers: changes.onboardingAnswers ?? before.onboardingAnswers,
    late: changes.late === undefined ? before.late : changes.late,
  }
}

const numbered = (id: string, offers: readonly OfferSeed[]): readonly Offer[] =>
  offers.map((offer, at) => ({ ...offer, id: `${id}${at + 1}` }))

/** `YYYY-MM-DD`, thirty days after. */
const inThirtyDays = (now: Date) => new Date(now.getTime() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10)

function toCv(
  seed: Uint8Array | Partial<Exclude<Changes['cv'], Uint8Array | null | undefined>> | null,
): Cv | undefined {
  if (seed === null) return undefined
  const usual = { filename: 'cv.pdf', contexts: ['cv', 'pdf_cv'], sizeBytes: 0 }
  if (seed instanceof Uint8Array) return { ...usual, bytes: seed }
  const { base64, ...given } = seed
  return { ...usual, ...given, bytes: base64 === undefined ? undefined : Buffer.from(base64, 'base64') }
}
