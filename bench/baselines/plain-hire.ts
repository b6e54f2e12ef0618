/**
 * The calls of one hire to a quiet HiBob and Pinpoint, in their order, and nothing else: nothing is written down, looked
 * at twice, limited or retried.
 */
import { type Dispatcher, FormData, request } from 'undici'

export interface Destinations {
  readonly agent: Dispatcher
  readonly pinpointUrl: string
  readonly pinpointKey: string
  readonly hibobUrl: string
  /** As the header says them. */
  readonly hibobCredentials: string
}

interface Resource {
  readonly id: string
  readonly attributes: Readonly<Record<string, unknown>>
}
interface Document {
  readonly data: Resource
  readonly included?: readonly (Resource & { readonly type: string })[]
}

export async function plainHire(to: Destinations, applicationId: string): Promise<void> {
  const pinpoint = caller(to.agent, to.pinpointUrl, {
    'x-api-key': to.pinpointKey,
    accept: 'application/vnd.api+json',
  })
  const hibob = caller(to.agent, to.hibobUrl, {
    authorization: to.hibobCredentials,
    accept: 'application/json',
  })

  const application = (await pinpoint(
    'GET',
    `/applications/${applicationId}?filter[job_visibility]=confidential,external,internal&extra_fields[applications]=attachments&include=job,stage,offers,custom_attributes`,
  )) as Document
  const jobId = application.included?.find(({ type }) => type === 'jobs')?.id ?? ''
  await pinpoint('GET', `/jobs/${jobId}?include=location,department`)

  const { first_name, last_name, email, attachments } = application.data.attributes
  await hibob('POST', '/people/search', {
    fields: ['root.id', 'root.email'],
    filters: [{ fieldPath: 'root.email', operator: 'equals', values: [email] }],
    showInactive: true,
  })
  const employee = (await hibob('POST', '/people', {
    firstName: first_name,
    surname: last_name,
    email,
    work: { site: 'New York (Demo)', startDate: '2030-01-07' },
  })) as { readonly id: string }

  await hibob('GET', `/docs/people/${employee.id}`)
  const [cv] = attachments as readonly { readonly filename: string; readonly url: string }[]
  const file = await download(to.agent, cv?.url ?? '')
  await hibob('GET', `/docs/people/${employee.id}`)
  const form = new FormData()
  form.set('file', new Blob([Uint8Array.from(file)], { type: 'application/pdf' }), cv?.filename)
  await hibob('POST', `/docs/people/${employee.id}/shared/upload`, form)

  await pinpoint(
    'GET',
    `/comments?filter[commentable_id]=${applicationId}&filter[commentable_type]=Application`,
  )
  await pinpoint('POST', '/comments', {
    data: {
      type: 'comments',
      attributes: { body_text: `Record created with ID: ${employee.id}` },
      relationships: { commentable: { data: { type: 'applications', id: applicationId } } },
    },
  })
}

function caller(agent: Dispatcher, base: string, headers: Readonly<Record<string, string>>) {
  return async (method: Dispatcher.HttpMethod, path: string, body?: object): Promise<unknown> => {
    const isForm = body instanceof FormData
    const type = headers['accept'] ?? ''
    const response = await request(`${base}${path}`, {
      dispatcher: agent,
      method,
      headers: { ...headers, ...(body !== undefined && !isForm && { 'content-type': type }) },
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
    })
    if (response.statusCode >= 300) {
      throw new Error(`${method} ${path} answered ${response.statusCode}: ${await response.body.text()}`)
    }
    return response.body.json()
  }
}

async function download(agent: Dispatcher, url: string): Promise<Buffer> {
  const response = await request(url, { dispatcher: agent, method: 'GET' })
  const { location } = response.headers
  if (response.statusCode === 302 && typeof location === 'string') {
    await response.body.dump()
    return download(agent, new URL(location, url).href)
  }
  return Buffer.from(await response.body.arrayBuffer())
}
