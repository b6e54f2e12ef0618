/** What a file is, is in its bytes. */
import { describe, expect, it } from 'vitest'

import { tinyPdf } from '../../sandbox/index.ts'
import { cvBytesOf } from '../../sandbox/pinpoint/cv-bytes.ts'
import { isCutOff, kindOfFile } from '../../src/integrations/hibob/cv-kind.ts'

const made = (filename: string) =>
  cvBytesOf({ filename, contexts: [], bytes: undefined, sizeBytes: 0 }, 'invented')
const bom = Buffer.from([0xef, 0xbb, 0xbf])
const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
const oldOffice = Buffer.from('d0cf11e0a1b11ae1', 'hex')

describe('The kind of a file', () => {
  it.each([
    ['a PDF', tinyPdf('x'), 'pdf'],
    ['a PDF behind a byte order mark', Buffer.concat([bom, tinyPdf('x')]), 'pdf'],
    ['a PDF behind what a mail program left', Buffer.from('\r\n--part\r\n\r\n%PDF-1.7'), 'pdf'],
    ['the start of a PDF', Buffer.from('%PDF-1.7'), 'pdf'],
    ['a Word file', made('cv.docx'), 'docx'],
    ['an old Word file', made('cv.doc'), 'doc'],
    ['no more than the mark of an old Word file', oldOffice, 'doc'],
    ['rich text', made('cv.rtf'), 'rtf'],
    ['an old spreadsheet', Buffer.concat([oldOffice, Buffer.from('Workbook', 'utf16le')]), 'other'],
    ['an OpenDocument text', made('cv.odt'), 'other'],
    ['a Pages document', made('cv.pages'), 'other'],
    ['a zip with anything in it', made('cv.zip'), 'other'],
    ['plain text', Buffer.from('Ada Example, engineer'), 'other'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'other'],
    ['a gzip', Buffer.from([0x1f, 0x8b, 0x08]), 'other'],
    ['nothing', new Uint8Array(), 'empty'],
    ['nothing but spaces', Buffer.from(' \r\n\t'), 'empty'],
    [
      'an error of storage (W14)',
      Buffer.from('<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>'),
      'page',
    ],
    ['an error as JSON (W14)', Buffer.from('{"error":"expired"}'), 'page'],
    ['a piece of a page (W14)', Buffer.from('\n<div class="err">Sign in</div>'), 'page'],
    ['a page that speaks of a PDF', Buffer.from('<html>%PDF-1.7 is not here'), 'page'],
    ['a page behind a byte order mark', Buffer.concat([bom, Buffer.from('<!doctype html>')]), 'page'],
    ['a page in UTF-16', utf16('<html>'), 'page'],
  ])('of %s', (_, bytes, kind) => {
    expect(kindOfFile(bytes, 'cv.pdf')).toBe(kind)
  })

  it('goes by the name only where a zip does not tell what is in it', () => {
    const bare = Buffer.from('PK\u0003\u0004', 'latin1')
    expect(kindOfFile(bare, 'cv.docx')).toBe('docx')
    expect(kindOfFile(bare, 'cv.zip')).toBe('other')
    expect(kindOfFile(made('cv.zip'), 'cv.docx')).toBe('other')
  })

  it('leaves open whether the end is missing, which is told', () => {
    expect(isCutOff(tinyPdf('x'), 'pdf')).toBe(false)
    expect(isCutOff(tinyPdf('x').subarray(0, 300), 'pdf')).toBe(true)
    expect(isCutOff(made('cv.docx'), 'docx')).toBe(false)
    expect(isCutOff(made('cv.docx').subarray(0, 80), 'docx')).toBe(true)
    expect(isCutOff(made('cv.doc').subarray(0, 80), 'doc')).toBe(false)
  })
})
