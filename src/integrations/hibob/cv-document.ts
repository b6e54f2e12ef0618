/** Which attachment is the CV, what it is called in HiBob, and how it is known again there. Pure. */
import type { Attachment, HiredApplication } from '../../sdk/index.ts'

export interface CvDocument {
  readonly attachment: Attachment
  readonly name: string
  readonly type: string
}

const types: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}

/** The PDF that Pinpoint made, else an uploaded PDF, else a Word file. `wrong_kind`: there is one that is neither. */
export function chooseCv(hire: HiredApplication): CvDocument | 'none' | 'wrong_kind' {
  const pdf = hire.attachments.find(({ context }) => context === 'pdf_cv')
  if (pdf !== undefined) return toDocument(hire, pdf, 'pdf')

  const uploaded = hire.attachments.filter(({ context }) => context === 'cv')
  if (uploaded.length === 0) return 'none'
  for (const kind of Object.keys(types)) {
    const attachment = uploaded.find(({ filename }) => filename.toLowerCase().endsWith(`.${kind}`))
    if (attachment !== undefined) return toDocument(hire, attachment, kind)
  }
  return 'wrong_kind'
}

/** One CV per employee: ours from any of their applications, or the file itself, put there by somebody. */
export function isThisCv(documentName: string, { attachment }: CvDocument): boolean {
  return /^CV - .*\(Pinpoint [\w-]+\)/s.test(documentName) || documentName === attachment.filename
}

function toDocument(hire: HiredApplication, attachment: Attachment, kind: string): CvDocument {
  const person = [hire.firstName, hire.lastName].filter((part) => part !== undefined).join(' ')
  return {
    attachment,
    name: `CV - ${safeInFileName(person)} (Pinpoint ${safeInFileName(hire.id)}).${kind}`,
    type: types[kind] ?? 'application/octet-stream',
  }
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
