/** A hire in Pinpoint → an employee for HiBob. What HiBob demands and nobody has said is reported, never guessed. */
import { type Complete, complete, type HiredApplication, NeedsPerson } from '../../sdk/index.ts'
import type { Settings } from './settings.ts'
import { acceptedOffer, startDateOf } from './start-date.ts'

/** The five values without which HiBob refuses an employee. */
export interface NewHire {
  readonly firstName: string
  readonly surname: string
  readonly email: string
  readonly startDate: string
  readonly site: string
}

type Rules = Pick<Settings, 'site' | 'sites' | 'startDateRule'>

export function toNewHire(hire: HiredApplication, settings: Rules, triggeredAt: Date): Complete<NewHire> {
  return complete<NewHire>({
    firstName: tidy(hire.firstName),
    surname: tidy(hire.lastName),
    email: hire.email?.trim(),
    startDate: startDateOf(hire, settings.startDateRule, triggeredAt),
    site: siteOf(tidy(hire.job?.location), settings),
  })
}

export function titleOf(hire: HiredApplication): string | undefined {
  return tidy(acceptedOffer(hire.offers)?.jobTitle) ?? tidy(hire.job?.title)
}

export function departmentOf(hire: HiredApplication): string | undefined {
  return tidy(hire.job?.department)
}

/** Equal for people: whatever the case, the spaces around and the way that accents are encoded. */
export function sameText(one: string, other: string): boolean {
  return folded(one) === folded(other)
}

/** Trimmed and NFC: the same name is the same bytes wherever it was typed. Undefined when nothing is left. */
function tidy(text: string | undefined): string | undefined {
  return text?.normalize('NFC').trim() || undefined
}

function folded(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}

function siteOf(location: string | undefined, { site, sites }: Rules): string | undefined {
  const mapped = Object.entries(sites).find(([from]) => location !== undefined && sameText(from, location))
  return mapped?.[1] ?? site ?? location
}

const whereToSet: Readonly<Record<keyof NewHire, string>> = {
  firstName: 'the first name on the application in Pinpoint',
  surname: 'the last name on the application in Pinpoint',
  email: 'the e-mail address on the application in Pinpoint',
  startDate: 'the start date on the accepted offer in Pinpoint (or on the application), as a day that exists',
  site: 'the location of the job in Pinpoint, or `site` in the settings of the connection',
}

export function incomplete(applicationId: string, missing: readonly (keyof NewHire)[]): NeedsPerson {
  return new NeedsPerson(
    'hibob.hire_incomplete',
    `Application ${applicationId} lacks what HiBob demands: ${missing.join(', ')}.`,
    {
      details: { missing },
      fix: `Set ${missing.map((field) => whereToSet[field]).join('; ')}. Then resume the run.`,
      liftedBy: missing.includes('site') ? 'connection' : 'record',
    },
  )
}
