/** The service's log for somebody who watches a demo: warnings and errors as sentences, the rest left out. */
import type { Log } from '../../observe/log.ts'

export function createReadableLog(print: (line: string) => void): Log {
  const tell = (level: string) => (fields: object, message: string) => {
    const facts = Object.entries(fields).filter(([, value]) => ['string', 'number'].includes(typeof value))
    const told = facts.map(([name, value]) => `${name} ${String(value)}`).join(', ')
    print(`  ${level}  ${message}${told === '' ? '' : ` (${told})`}`)
  }
  return { debug: () => {}, info: () => {}, warn: tell('warning'), error: tell('error  ') }
}
