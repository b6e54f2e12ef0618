/** Detects the kind of a file by its bytes, because names and content types are often missing or wrong. Pure. */

export type CvKind = 'pdf' | 'docx' | 'doc' | 'rtf'

/** `empty`, `page` (HTML, XML or JSON: what a link answers instead of a file), or a file of a kind that no CV has. */
export type FileKind = CvKind | 'empty' | 'page' | 'other'

export const mimeTypes: Readonly<Record<CvKind, string>> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  doc: 'application/msword',
  rtf: 'application/rtf',
}

export function isCvKind(kind: FileKind): kind is CvKind {
  return kind in mimeTypes
}

/** Readers look for the header of a PDF within the first 1024 bytes: some programs put something before it. */
const headerWithin = 1024
const oldOffice = Buffer.from('d0cf11e0a1b11ae1', 'hex')
/** Streams of spreadsheets, slides and mails, which have the same file format. Their names are UTF-16. */
const notWord = ['Workbook', 'PowerPoint Document', '__substg1.0'].map((name) => Buffer.from(name, 'utf16le'))

/** `name` decides only if a zip file has no readable entries. */
export function kindOfFile(bytes: Uint8Array, name = ''): FileKind {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = file.toString('latin1', 0, headerWithin).replace(/^[\s\0\u00ef\u00bb\u00bf\u00fe\u00ff]+/, '')
  if (start === '') return 'empty'
  if (start.startsWith('{\\rtf')) return 'rtf'
  if (/^[<{[]/.test(start)) return 'page'
  if (start.includes('%PDF')) return 'pdf'
  if (start.startsWith('PK')) return kindOfZip(file, name)
  if (file.subarray(0, 4).equals(oldOffice.subarray(0, 4))) {
    return notWord.some((stream) => file.includes(stream)) ? 'other' : 'doc'
  }
  return 'other'
}

/** True if its end is missing. A reader may still open it, so this is a warning and no refusal. */
export function isCutOff(bytes: Uint8Array, kind: CvKind): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (kind === 'pdf') return /\d \d+ obj\b/.test(file.toString('latin1')) && !file.includes('%%EOF')
  return kind === 'docx' && entriesOf(file).length > 0 && !file.includes('PK\u0005\u0006')
}

function kindOfZip(file: Buffer, name: string): 'docx' | 'other' {
  const entries = entriesOf(file)
  if (entries.length === 0) return /\.docx\s*$/i.test(name) ? 'docx' : 'other'
  return entries.some((entry) => entry.startsWith('word/')) ? 'docx' : 'other'
}

/** Names stand in clear before each entry and again in the directory at the end, whichever of the two there is. */
const headers = [
  { signature: 'PK\u0003\u0004', length: 26, name: 30 },
  { signature: 'PK\u0001\u0002', length: 28, name: 46 },
] as const
const mostEntries = 1000

function entriesOf(file: Buffer): readonly string[] {
  const names: string[] = []
  for (const { signature, length, name } of headers) {
    let at = file.indexOf(signature, 0, 'latin1')
    while (at !== -1 && at + name < file.length && names.length < mostEntries) {
      const start = at + name
      names.push(file.toString('latin1', start, start + file.readUInt16LE(at + length)))
      at = file.indexOf(signature, start, 'latin1')
    }
  }
  return names
}
