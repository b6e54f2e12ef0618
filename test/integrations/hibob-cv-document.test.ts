import { describe, expect, it } from 'vitest'

import { chooseCv, type CvDocument, isThisCv } from '../../src/integrations/hibob/cv-document.ts'
import { hireOf } from './a-hire.ts'

const file = (context: string, filename: string) => ({
  context,
  filename,
  url: `https://files.example.com/${filename}`,
})
const pdfOf = (changes: Parameters<typeof hireOf>[0] = {}) =>
  chooseCv(hireOf({ attachments: [file('pdf_cv', 'cv.pdf')], ...changes })) as CvDocument

describe('The CV', () => {
  it.each([
    ['the PDF that Pinpoint made', [file('cv', 'cv.docx'), file('pdf_cv', 'made.pdf')], 'made.pdf', 'pdf'],
    ['an uploaded PDF', [file('cv', 'cv.docx'), file('cv', 'CV.PDF')], 'CV.PDF', 'pdf'],
    ['a Word file', [file('cv', 'cv.docx')], 'cv.docx', 'docx'],
    ['an old Word file', [file('cv', 'cv.doc')], 'cv.doc', 'doc'],
  ])('is %s', (...[_, attachments, filename, kind]) => {
    expect(chooseCv(hireOf({ attachments }))).toMatchObject({
      attachment: { filename },
      name: `CV - Ada Example (Pinpoint 9000001).${kind}`,
    })
  })

  it('may be missing, or of a kind that is not taken', () => {
    expect(chooseCv(hireOf({ attachments: [] }))).toBe('none')
    expect(chooseCv(hireOf({ attachments: [file('document', 'passport.pdf')] }))).toBe('none')
    expect(chooseCv(hireOf({ attachments: [file('cv', 'cv.pages'), file('cv', 'cv')] }))).toBe('wrong_kind')
  })

  it.each([
    ['a path', '../../etc', 'CV - ..-..-etc Example (Pinpoint 9000001).pdf'],
    ['a line break', 'Ada\r\nX: y', 'CV - AdaX- y Example (Pinpoint 9000001).pdf'],
    ['a turned direction', 'Ada\u202Efdp', 'CV - Adafdp Example (Pinpoint 9000001).pdf'],
    ['a quote', 'Ada "Zo"', 'CV - Ada -Zo- Example (Pinpoint 9000001).pdf'],
    ['accents', 'Zoë'.normalize('NFD'), 'CV - Zoë Example (Pinpoint 9000001).pdf'],
  ])('has a name without the danger of %s', (...[_, firstName, name]) => {
    expect(pdfOf({ firstName }).name).toBe(name)
  })

  it('has a name of bounded length, cut between characters', () => {
    const { name } = pdfOf({ firstName: '😀'.repeat(300) })
    expect(name).toBe(`CV - ${'😀'.repeat(100)} (Pinpoint 9000001).pdf`)
  })

  it.each([
    ['ours', 'CV - Ada Example (Pinpoint 9000001).pdf', true],
    ['ours from another application', 'CV - Ada Married (Pinpoint 8863807).docx', true],
    ['ours, of which HiBob has dropped the extension', 'CV - Ada Example (Pinpoint 9000001)', true],
    ['the file itself, uploaded by a person', 'cv.pdf', true],
    ['another document', 'Contract.pdf', false],
    ['another one of that name', 'old CV - Ada (Pinpoint 1).pdf', false],
    ['a nameless one', '', false],
  ])('is known again: %s', (...[_, name, same]) => {
    expect(isThisCv(name, pdfOf())).toBe(same)
  })
})
