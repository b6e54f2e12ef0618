/** The body of a request, with its length known, and the content type that goes with it. */
import { randomBytes } from 'node:crypto'

import type { HttpRequest } from '../base/http.ts'

export interface RequestBody {
  readonly body: Buffer
  /** Undefined: the request's own headers name it. */
  readonly contentType: string | undefined
}

/** Undefined when the request has none: then no content type is sent either (HiBob answers 400 to a GET with one). */
export function requestBody({ json, text, file }: HttpRequest): RequestBody | undefined {
  if (json !== undefined) return { body: Buffer.from(JSON.stringify(json)), contentType: 'application/json' }
  if (text !== undefined) return { body: Buffer.from(text), contentType: undefined }
  if (file !== undefined) return multipart(file)
  return undefined
}

/** https://www.rfc-editor.org/rfc/rfc7578 with the escaping of names that browsers use. */
function multipart(file: NonNullable<HttpRequest['file']>): RequestBody {
  const boundary = `----part-${randomBytes(16).toString('hex')}`
  const head =
    `--${boundary}\r\n` +
    `Content-Disposition: form-data; name="${escaped(file.field)}"; ${fileNames(file.name)}\r\n` +
    `Content-Type: ${file.type}\r\n\r\n`
  return {
    body: Buffer.concat([Buffer.from(head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}

/**
 * A name beyond ASCII twice: as browsers send it, and as https://www.rfc-editor.org/rfc/rfc8187 for servers that read headers as
 * Latin-1 and would show `ZoÃ«`.
 */
function fileNames(name: string): string {
  const plain = `filename="${escaped(name)}"`
  if (/^[\x00-\x7f]*$/.test(name)) return plain
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${plain}; filename*=UTF-8''${encoded}`
}

function escaped(name: string): string {
  return name.replace(/[\r\n"]/g, encodeURIComponent)
}
