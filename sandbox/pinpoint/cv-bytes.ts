/** The file of an applicant: of the kind that its name says, a PDF where it says nothing. Small, and the same every time. */
import { tinyPdf } from '../pdf.ts'
import type { Cv } from './application.ts'

export function cvBytesOf(cv: Cv, text: string): Uint8Array {
  if (cv.bytes !== undefined) return cv.bytes
  const [, ending = ''] = /\.(\w+)$/.exec(cv.filename.toLowerCase()) ?? []
  return made[ending]?.(text) ?? tinyPdf(text, cv.sizeBytes)
}

const oldOffice = Buffer.from('d0cf11e0a1b11ae1', 'hex')

const made: Readonly<Record<string, (text: string) => Uint8Array>> = {
  docx: (text) =>
    storedZip({ '[Content_Types].xml': '<Types/>', 'word/document.xml': `<w:document>${text}</w:document>` }),
  odt: (text) => storedZip({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': text }),
  pages: (text) => storedZip({ 'Index/Document.iwa': text }),
  zip: (text) => storedZip({ 'cv.txt': text }),
  doc: (text) => Buffer.concat([oldOffice, Buffer.alloc(504), Buffer.from(text, 'utf16le')]),
  rtf: (text) => Buffer.from(`{\\rtf1 ${text}}`),
  txt: (text) => Buffer.from(text),
}

/** Without compression and without sums: what tells one kind from another is all there. */
function storedZip(entries: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const local = Buffer.alloc(30)
    local.write('PK\u0003\u0004', 'latin1')
    local.writeUInt32LE(content.length, 18)
    local.writeUInt32LE(content.length, 22)
    local.writeUInt16LE(name.length, 26)
    const central = Buffer.alloc(46)
    central.write('PK\u0001\u0002', 'latin1')
    central.writeUInt32LE(content.length, 20)
    central.writeUInt32LE(content.length, 24)
    central.writeUInt16LE(name.length, 28)
    central.writeUInt32LE(offset, 42)
    parts.push(local, Buffer.from(name + content, 'latin1'))
    directory.push(central, Buffer.from(name, 'latin1'))
    offset += local.length + name.length + content.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 'latin1')
  end.writeUInt16LE(Object.keys(entries).length, 8)
  end.writeUInt16LE(Object.keys(entries).length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listed, end])
}
