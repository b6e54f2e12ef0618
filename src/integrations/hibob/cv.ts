/**
 * Uploads the CV to the employee's documents, once. It never stops the hire: a failure is a warning. The file is downloaded before the
 * effect begins, so that a slow link cannot leave its outcome unclear.
 */
import {
  type Attachment,
  type Ensured,
  type Existing,
  type Failure,
  type Made,
  NeedsPerson,
  PermissionMissing,
  RetryLater,
} from '../../sdk/index.ts'
import { type Bob, documentsNotFound, type NotTaken } from './client.ts'
import { cvAttachments, isMadeByPinpoint, isThisCv, nameInHibob, promisesCv } from './cv-document.ts'
import { type Context, type CvFile, CvMissing, CvUnusable, fetchCv } from './cv-file.ts'
import { mimeTypes } from './cv-kind.ts'

const title = 'CV in HiBob'

export async function ensureCv(context: Context, bob: Bob, employee: Ensured): Promise<void> {
  const attachments = cvAttachments(context.event.data)
  if (attachments.length === 0) return
  const failure = await context.optional(title, async () => {
    if (employee.how !== 'planned') return uploadOnce(context, bob, { employee, attachments })
    // A planned employee has no documents to list, but a file that may be no CV is downloaded to find out.
    if (!attachments.some(promisesCv)) await fetchCv(context, attachments)
    context.planned(title)
  })
  if (failure !== undefined) warnOf(context, failure, attachments)
}

async function uploadOnce(
  context: Context,
  bob: Bob,
  { employee, attachments }: { readonly employee: Existing; readonly attachments: readonly Attachment[] },
): Promise<void> {
  const { settings, ensure, event } = context
  const { id: employeeId, madeNow: isNew = false } = employee
  const find = () => findCv(bob, employeeId, attachments)
  // A new employee has no documents to list.
  const firstFind = isNew ? { found: undefined } : undefined
  let file = isNew || (await find()) === undefined ? await fetchCv(context, attachments) : undefined

  const { how } = await ensure({
    title,
    kind: 'document',
    key: `cv:${employeeId}`,
    readLagSeconds: settings.readLagSeconds,
    find,
    firstFind,
    make: async () => {
      file ??= await fetchCv(context, attachments)
      const name = nameInHibob(event.data, file.kind)
      return taken(await upload(bob, employeeId, { file, name, by: settings.cvUpload }), employee)
    },
  })
  if (how === 'created' && file?.cutOff === true) {
    const because = 'The CV was uploaded, but it seems to be cut off: its end is missing. Open it in HiBob.'
    context.warn('hibob.cv_cut_off', because)
  }
}

function upload(
  bob: Bob,
  employeeId: string,
  { file, name, by }: { readonly file: CvFile; readonly name: string; readonly by: 'file' | 'url' },
): Promise<Made | NotTaken> {
  if (by === 'url') return bob.uploadByUrl(employeeId, { name, url: file.url })
  return bob.uploadFile(employeeId, { name, type: mimeTypes[file.kind], bytes: file.bytes })
}

async function findCv(
  bob: Bob,
  employeeId: string,
  attachments: readonly Attachment[],
): Promise<Made | undefined> {
  const document = (await bob.documents(employeeId)).find(({ name }) => isThisCv(name, attachments))
  return document && { id: document.id ?? 'listed' }
}

function taken(answer: Made | NotTaken, { id, madeNow: isNew = false }: Existing): Made {
  if ('id' in answer) return answer
  // Not a refusal of the file: the documents API may not know the new employee yet.
  if (answer.refused === 404 && isNew) throw documentsNotFound(id)
  throw new CvUnusable('hibob.cv_refused', `HiBob refused the CV (${answer.refused}).`)
}

function warnOf(context: Context, failure: Failure, attachments: readonly Attachment[]): void {
  const { warn } = context
  const message = failure.message + again(context, failure, attachments)
  if (failure instanceof CvUnusable) warn(failure.code, message)
  else if (failure.destination === 'file') warn('hibob.cv_not_available', `CV not available: ${message}`)
  else {
    const granted = failure instanceof PermissionMissing ? ' Grant it, then replay the event.' : undefined
    const fix = granted ?? (failure instanceof NeedsPerson ? ` ${failure.fix}` : '')
    warn('hibob.cv_not_uploaded', `The CV was not uploaded: ${message}${fix}`)
  }
}

/** A follow-up run looks for a file that may still appear, such as the PDF that Pinpoint has yet to make. */
function again(context: Context, failure: Failure, attachments: readonly Attachment[]): string {
  const { code } = failure
  const pdfMayCome = code === 'hibob.cv_wrong_kind' && !attachments.some(isMadeByPinpoint)
  const deadLink = failure instanceof RetryLater && failure.destination === 'file'
  const mayCome = failure instanceof CvMissing || deadLink || pdfMayCome
  if (!mayCome) return ''
  return context.followUpOn('the CV')
    ? ' It is looked for again after 10 minutes, 2 hours and 24 hours.'
    : ' It is not looked for any more: once it is there, replay the event.'
}
