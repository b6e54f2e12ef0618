/**
 * The CV of the hire among the employee's documents, once. A CV that cannot be used is a warning, not a failure: the
 * employee exists. The file is fetched before the effect is begun, so that a slow link cannot leave it unclear.
 */
import {
  type Ensured,
  type HandlerContext,
  type HiredApplication,
  type Made,
  Refused,
} from '../../sdk/index.ts'
import type { Bob, NotTaken } from './client.ts'
import { chooseCv, type CvDocument, isThisCv } from './cv-document.ts'
import type { Secrets, Settings } from './settings.ts'

const title = 'CV in HiBob'

type Context = HandlerContext<Settings, Secrets, HiredApplication>

/** Clearly not made, and never will be with this file. */
class CvUnusable extends Refused {}

export async function ensureCv(context: Context, bob: Bob, employee: Ensured): Promise<void> {
  const cv = chooseCv(context.event.data)
  if (cv === 'none') return
  if (cv === 'wrong_kind') {
    context.warn('hibob.cv_wrong_kind', 'The CV is neither PDF nor Word and was not uploaded.')
    return
  }
  // An employee who is not there yet has no documents to look at.
  if (employee.how === 'planned') {
    context.planned(title)
    return
  }
  try {
    await uploadOnce(context, bob, { employeeId: employee.id, cv })
  } catch (error) {
    if (!(error instanceof CvUnusable)) throw error
    context.warn(error.code, error.message)
  }
}

async function uploadOnce(
  context: Context,
  bob: Bob,
  { employeeId, cv }: { readonly employeeId: string; readonly cv: CvDocument },
): Promise<void> {
  const { settings, ensure } = context
  const find = () => findCv(bob, employeeId, cv)
  const byUrl = settings.cvUpload === 'url'
  const fetched = byUrl || (await find()) !== undefined ? undefined : await fetchCv(context, cv)

  await ensure({
    title,
    kind: 'document',
    key: `cv:${employeeId}`,
    readLagSeconds: settings.readLagSeconds,
    find,
    make: async () => {
      const { name, type, attachment } = cv
      return byUrl
        ? taken(await bob.uploadByUrl(employeeId, { name, url: attachment.url }))
        : taken(
            await bob.uploadFile(employeeId, { name, type, bytes: fetched ?? (await fetchCv(context, cv)) }),
          )
    },
  })
}

async function findCv(bob: Bob, employeeId: string, cv: CvDocument): Promise<Made | undefined> {
  const document = (await bob.documents(employeeId)).find(({ name }) => isThisCv(name, cv))
  return document && { id: document.id ?? 'listed' }
}

function taken(answer: Made | NotTaken): Made {
  if ('id' in answer) return answer
  throw new CvUnusable('hibob.cv_refused', `HiBob refused the CV (${answer.refused}).`)
}

const mebibyte = 1024 * 1024

/** https://apidocs.hibob.com/reference/documents: 5 MB, in custom folders 1 MB. */
function mostBytes({ maxCvBytes, documents }: Settings): number {
  const custom = documents !== 'shared' && documents !== 'confidential'
  return maxCvBytes ?? (custom ? mebibyte : 5 * mebibyte)
}

async function fetchCv({ download, settings }: Context, { attachment }: CvDocument): Promise<Uint8Array> {
  const maxBytes = mostBytes(settings)
  const file = await download(attachment.url, { maxBytes })
  if (file === 'too_large') {
    throw new CvUnusable(
      'hibob.cv_too_large',
      `The CV is larger than ${maxBytes} bytes and was not uploaded.`,
    )
  }
  if (file.bytes.length === 0)
    throw new CvUnusable('hibob.cv_empty', 'The CV is an empty file and was not uploaded.')
  if (isWebPage(file.bytes, file.contentType)) {
    throw new CvUnusable('hibob.cv_not_a_file', 'The CV’s link gave a web page instead of a file.')
  }
  return file.bytes
}

/** Storage and login pages answer 200 with HTML where a file should be. */
function isWebPage(bytes: Uint8Array, contentType: string): boolean {
  const start = Buffer.from(bytes.subarray(0, 1024)).toString('latin1')
  if (/^[\s\u00ef\u00bb\u00bf]*<(!doctype html|html)/i.test(start)) return true
  return /html/i.test(contentType) && !start.includes('%PDF')
}
