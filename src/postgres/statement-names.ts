/**
 * Names for the statements that come again: under a name the server parses one once a connection, and soon plans it for
 * good, which is most of what a small statement costs. https://www.postgresql.org/docs/18/sql-prepare.html
 */

/** What comes seldom is not kept in the server's memory. */
const seldom = 3
/** More than there are; a text that is different each time must not fill any memory. */
const mostNames = 300
const mostTexts = 1_000

const named = new Map<string, string>()
const seen = new Map<string, number>()

/** One name for one text in the whole process: a connection refuses a second text of a name. */
export function nameOf(text: string): string | undefined {
  const name = named.get(text)
  if (name !== undefined || named.size === mostNames) return name
  const times = (seen.get(text) ?? 0) + 1
  if (times < seldom) {
    if (seen.size === mostTexts) seen.clear()
    seen.set(text, times)
    return undefined
  }
  seen.delete(text)
  const given = `s${named.size}`
  named.set(text, given)
  return given
}
