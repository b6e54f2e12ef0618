import { describe, expect, it } from 'vitest'

import { cvAttachments, isThisCv, nameInHibob } from '../../src/integrations/hibob/cv-document.ts'
import { hireOf } from './a-hire.ts'

const file = (context: string, filename: string) => ({
  context,
  filename,
  url: `https://files.example.com/${filename}`,
})
const tried = (...attachments: ReturnType<typeof file>[]) =>
  cvAttachments(hireOf({ attachments })).map(({ filename }) => filename)
const nameOf = (changes: Parameters<typeof hireOf>[0] = {}) => nameInHibob(hireOf(changes), 'pdf')

describe('The CV', () => {
  it.each([
    [
      'the PDF that Pinpoint made, then what was uploaded',
      [file('cv', 'cv.docx'), file('pdf_cv', 'made.pdf')],
      ['made.pdf', 'cv.docx'],
    ],
    ['an uploaded PDF before Word', [file('cv', 'cv.docx'), file('cv', 'CV.PDF')], ['CV.PDF', 'cv.docx']],
    [
      'whatever its name promises (W16)',
      [file('cv', 'Ada Example Resume'), file('cv', 'cv.pdf.txt'), file('cv', 'cv.pdf ')],
      ['cv.pdf ', 'Ada Example Resume', 'cv.pdf.txt'],
    ],
  ])('is looked for in %s (case 43)', (...[_, attachments, names]) => {
    expect(tried(...attachments)).toEqual(names)
  })

  it('may be missing; a file that is attached twice is fetched once, and of many only a few', () => {
    expect(tried()).toEqual([])
    expect(tried(file('document', 'passport.pdf'))).toEqual([])
    expect(tried(file('cv', 'cv.pdf'), file('pdf_cv', 'cv.pdf'))).toEqual(['cv.pdf'])
    expect(tried(...Array.from({ length: 20 }, (_, number) => file('cv', `${number}.pdf`)))).toHaveLength(4)
  })

  it.each([
    ['a path', '../../etc', 'CV - ..-..-etc Example (Pinpoint 9000001).pdf'],
    ['a line break', 'Ada\r\nX: y', 'CV - AdaX- y Example (Pinpoint 9000001).pdf'],
    ['a turned direction', 'Ada\u202Efdp', 'CV - Adafdp Example (Pinpoint 9000001).pdf'],
    ['a quote', 'Ada "Zo"', 'CV - Ada -Zo- Example (Pinpoint 9000001).pdf'],
    ['accents', 'Zoë'.normalize('NFD'), 'CV - Zoë Example (Pinpoint 9000001).pdf'],
  ])('has a name without the danger of %s (case 48)', (...[_, firstName, name]) => {
    expect(nameOf({ firstName })).toBe(name)
  })

  it('has a name of bounded length, cut between characters', () => {
    expect(nameOf({ firstName: '😀'.repeat(300) })).toBe(`CV - ${'😀'.repeat(100)} (Pinpoint 9000001).pdf`)
  })

  it.each([
    ['ours', 'CV - Ada Example (Pinpoint 9000001).pdf', true],
    ['ours from another application', 'CV - Ada Married (Pinpoint 8863807).docx', true],
    ['ours, of which HiBob has dropped the extension', 'CV - Ada Example (Pinpoint 9000001)', true],
    ['the file itself, uploaded by a person', 'cv.pdf', true],
    ['the same in other letters', ' CV.PDF', true],
    ['another document', 'Contract.pdf', false],
    ['another one of that name', 'old CV - Ada (Pinpoint 1).pdf', false],
    ['a nameless one', '', false],
  ])('is known again: %s (case 47)', (...[_, name, same]) => {
    expect(isThisCv(name, [file('cv', ''), file('pdf_cv', 'cv.pdf')])).toBe(same)
  })
})
