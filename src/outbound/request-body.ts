/** The body of a request, and its content type. */
import { FormData } from 'undici'

import type { HttpRequest } from '../base/http.ts'

export interface RequestBody {
  readonly body: string | FormData
  /** Undefined: the request's own headers have it, or the form itself, which knows its boundary. */
  readonly contentType: string | undefined
}

/** Undefined without a body: then no content type is sent either (HiBob answers 400 to a GET with one). */
export function requestBody({ json, text, file }: HttpRequest): RequestBody | undefined {
  if (json !== undefined) return { body: JSON.stringify(json), contentType: 'application/json' }
  if (text !== undefined) return { body: text, contentType: undefined }
  if (file !== undefined) return { body: formOf(file), contentType: undefined }
  return undefined
}

function formOf({ field, name, type, bytes }: NonNullable<HttpRequest['file']>): FormData {
  const form = new FormData()
  form.set(field, new File([new Uint8Array(bytes)], name, { type }))
  return form
}
