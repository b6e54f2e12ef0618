/**
 * Arrays as PostgreSQL reads them. The driver writes the same texts, from a closure and two searches for each element: a webhook
 * has eleven. https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO
 */

/** Undefined is null. */
export function textArray(values: readonly (string | undefined)[]): string {
  let text = '{'
  for (const value of values) {
    if (text.length > 1) text += ','
    text +=
      value === undefined ? 'NULL' : `"${special.test(value) ? value.replaceAll(every, '\\$&') : value}"`
  }
  return `${text}}`
}

const special = /["\\]/
const every = /["\\]/g

export function byteaArray(values: readonly Buffer[]): string {
  let text = '{'
  for (const value of values) {
    if (text.length > 1) text += ','
    text += `"\\\\x${value.toString('hex')}"`
  }
  return `${text}}`
}
