/** Downloads the CV by its link and checks what it is before anything is sent. */
import {
  type Attachment,
  type HandlerContext,
  type HiredApplication,
  Refused,
  RetryLater,
} from '../../sdk/index.ts'
import { isMadeByPinpoint } from './cv-document.ts'
import { type CvKind, type FileKind, isCutOff, isCvKind, kindOfFile } from './cv-kind.ts'
import { customFolder, type Secrets, type Settings } from './settings.ts'

export type Context = HandlerContext<Settings, Secrets, HiredApplication>

export interface CvFile {
  /** The link that it was downloaded from. */
  readonly url: string
  readonly kind: CvKind
  readonly bytes: Uint8Array
  readonly cutOff: boolean
}

/** Not uploaded, and a retry with the same file would not help. */
export class CvUnusable extends Refused {}

/** Pinpoint has the attachment, but its link does not give a file (yet). */
export class CvMissing extends CvUnusable {}

/** The first usable file. If there is none, throws the failure that may pass, or else that of the first attachment. */
export async function fetchCv(context: Context, attachments: readonly Attachment[]): Promise<CvFile> {
  const failures: unknown[] = []
  for (const attachment of attachments) {
    try {
      return await fetchOne(context, attachment)
    } catch (error) {
      if (!(error instanceof CvUnusable || error instanceof RetryLater)) throw error
      failures.push(error)
    }
  }
  throw failures.find((failure) => failure instanceof RetryLater) ?? failures[0]
}

async function fetchOne({ download, settings }: Context, attachment: Attachment): Promise<CvFile> {
  const { url } = attachment
  if (url === undefined) {
    throw new CvMissing('hibob.cv_without_file', 'Pinpoint has the CV on record, but no file of it.')
  }
  const maxBytes = mostBytes(settings)
  const file = await download(url, { maxBytes })
  if (file === 'too_large') {
    throw new CvUnusable(
      'hibob.cv_too_large',
      `The CV is larger than ${maxBytes} bytes and was not uploaded.`,
    )
  }
  const { bytes } = file
  const kind = kindOfFile(bytes, attachment.filename)
  if (isCvKind(kind)) return { url, kind, bytes, cutOff: isCutOff(bytes, kind) }
  throw unusable(attachment, asServed(kind, file.contentType))
}

/** A page that is plain text is recognised by its content type. */
function asServed(kind: FileKind, contentType: string): FileKind {
  return kind === 'other' && /html|xml|json/i.test(contentType.replace('openxml', '')) ? 'page' : kind
}

function unusable(attachment: Attachment, kind: FileKind): CvUnusable {
  if (kind === 'empty') {
    return new CvMissing('hibob.cv_empty', 'The CV is an empty file and was not uploaded.')
  }
  if (kind === 'page' || isMadeByPinpoint(attachment)) {
    return new CvMissing(
      'hibob.cv_not_a_file',
      'The CV’s link gave an error message or a web page instead of a file.',
    )
  }
  return new CvUnusable('hibob.cv_wrong_kind', 'The CV is neither PDF nor Word and was not uploaded.')
}

const mebibyte = 1024 * 1024

/** https://apidocs.hibob.com/reference/documents: 5 MB, in custom folders 1 MB. */
function mostBytes(settings: Settings): number {
  const most = customFolder(settings) === undefined ? 5 * mebibyte : mebibyte
  return settings.maxCvBytes ?? most
}
