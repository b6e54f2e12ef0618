/** Which attachments may be the CV, its name in HiBob, and how it is recognised there. Pure. */
import type { Attachment, HiredApplication } from '../../sdk/index.ts'
import type { CvKind } from './cv-kind.ts'

/** Attachments are fetched until one is usable, but no more than this. */
const mostTried = 4

/** By file extension. The bytes decide later what a file really is. */
const preferred = ['pdf', 'docx', 'doc'] as const

/** In the order in which they are tried: the PDF that Pinpoint made, then what was uploaded, PDF before Word. */
export function cvAttachments(hire: Pick<HiredApplication, 'attachments'>): readonly Attachment[] {
  const uploaded = hire.attachments
    .filter(({ context }) => context === 'cv')
    .toSorted((one, other) => rankOf(one) - rankOf(other))
  const all = [...hire.attachments.filter(isMadeByPinpoint), ...uploaded]
  const different = new Map(all.map((attachment) => [attachment.url ?? attachment, attachment]))
  return [...different.values()].slice(0, mostTried)
}

/** Pinpoint converts the uploaded file to this PDF, which may take a while. */
export function isMadeByPinpoint({ context }: Attachment): boolean {
  return context === 'pdf_cv'
}

/** True if its file name is that of a CV. */
export function promisesCv(attachment: Attachment): boolean {
  return isMadeByPinpoint(attachment) || rankOf(attachment) < preferred.length
}

function rankOf({ filename }: Attachment): number {
  const [, ending] = /\.(\w+)(?:\?.*)?\s*$/.exec(filename.toLowerCase()) ?? []
  const rank = preferred.findIndex((kind) => kind === ending)
  return rank === -1 ? preferred.length : rank
}

/** One CV per employee: ours from any of their applications, or the file itself, put there by somebody. */
export function isThisCv(documentName: string, attachments: readonly Attachment[]): boolean {
  const name = folded(documentName)
  return (
    /^cv - .*\(pinpoint [\w-]+\)/s.test(name) ||
    (name !== '' && attachments.some(({ filename }) => folded(filename) === name))
  )
}

function folded(name: string): string {
  return name.normalize('NFC').trim().toLowerCase()
}

/** With the extension of its real kind, whatever the attachment is called. */
export function nameInHibob(
  hire: Pick<HiredApplication, 'id' | 'firstName' | 'lastName'>,
  kind: CvKind,
): string {
  const person = [hire.firstName, hire.lastName].filter((part) => part !== undefined).join(' ')
  return `CV - ${safeInFileName(person)} (Pinpoint ${safeInFileName(hire.id)}).${kind}`
}

/** No path, control, quoting or direction-changing characters, so that a name cannot pretend to be another file. */
function safeInFileName(text: string): string {
  const safe = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
  // Cut between characters, never inside one.
  return Array.from(safe).slice(0, 100).join('')
}
