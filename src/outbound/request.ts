/** The body of a request, and its headers. */
import { FormData } from 'undici'

import type { HttpRequest, OpenHttp } from '../base/http.ts'

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

export function headersOf(
  client: Pick<Parameters<OpenHttp>[0], 'headers' | 'namesVendor'>,
  request: HttpRequest,
  {
    contentType,
    vendorName,
  }: { readonly contentType: string | undefined; readonly vendorName: string | undefined },
) {
  const given = Object.entries({
    accept: 'application/json',
    'accept-encoding': 'identity',
    ...lowerCase(client.headers),
    ...lowerCase(request.headers),
  })
  const type = contentType === undefined ? {} : { 'content-type': contentType }
  const vendor =
    client.namesVendor === true && vendorName !== undefined ? { 'x-vendor-name': vendorName } : {}
  return { 'user-agent': 'pinpoint-webhooks', ...vendor, ...type, ...Object.fromEntries(given) }
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
