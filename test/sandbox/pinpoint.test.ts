/** The imitated Pinpoint answers as the facts say, down to what it does not answer. */
import { expect, test } from 'vitest'
import { z } from 'zod'

import { hireEvent, sampleEvent, signPinpoint } from '../../sandbox/index.ts'
import { applicationFor, callPinpoint, openSandbox } from './open.ts'

const resource = z.object({
  id: z.string(),
  type: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  relationships: z.record(z.string(), z.unknown()).optional(),
})
const single = z.object({ data: resource, included: z.array(resource).optional(), meta: z.unknown() })
const many = z.object({ data: z.array(resource), meta: z.unknown() })
const problem = z.object({
  errors: z.tuple([z.object({ status: z.string(), code: z.string(), detail: z.string() })]),
})

test('an application says which relations were not asked for instead of showing them empty', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  const { data, included } = single.parse(await (await callPinpoint(sandbox, `/applications/${id}`)).json())
  expect(data.relationships?.['offers']).toEqual({ meta: { included: false } })
  expect(data.attributes).not.toHaveProperty('attachments')
  expect(included).toBeUndefined()
})

test('an application brings what was asked for: attachments, stage, accepted offer, job with its place', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication({
    firstName: 'Ada',
    offers: [{ result: 'accepted', startOn: '2027-01-04' }],
    job: { title: 'Analyst', location: 'London', department: null },
    customAttributes: { 'Favourite colour': 'Maroon' },
  })
  const query =
    'extra_fields[applications]=attachments&include=job,job.location,stage,offers,custom_attributes'
  const { data, included } = single.parse(
    await (await callPinpoint(sandbox, `/applications/${id}?${query}`)).json(),
  )
  expect(data.attributes).toMatchObject({ first_name: 'Ada', concealed: false, start_on: null })
  expect(data.attributes['attachments']).toMatchObject([
    { context: 'cv' },
    { context: 'pdf_cv', filename: 'cv.pdf' },
  ])
  const attributes = (type: string) => included?.find((one) => one.type === type)?.attributes
  expect(attributes('stages')).toMatchObject({ basic_type: 'hired' })
  expect(attributes('offers')).toMatchObject({ result: 'accepted', start_on: '2027-01-04' })
  expect(attributes('jobs')).toMatchObject({ title: 'Analyst' })
  expect(attributes('locations')).toMatchObject({ name: 'London' })
  expect(attributes('custom_attributes')).toMatchObject({ field_name: 'Favourite colour', value: 'Maroon' })
})

test('an application of a confidential job is not found unless confidential ones are asked for', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication({ job: { visibility: 'confidential' } })
  const hidden = await callPinpoint(sandbox, `/applications/${id}`)
  expect(hidden.status).toBe(404)
  expect(problem.parse(await hidden.json()).errors[0]).toMatchObject({
    code: 'not_found',
    detail: 'Record not found',
  })
  const filter = 'filter[job_visibility]=confidential,external,internal'
  expect((await callPinpoint(sandbox, `/applications/${id}?${filter}`)).status).toBe(200)
  expect(many.parse(await (await callPinpoint(sandbox, '/applications')).json()).data).toEqual([])
  expect(many.parse(await (await callPinpoint(sandbox, `/applications?${filter}`)).json()).data).toHaveLength(
    1,
  )
})

const stageOf = async (sandbox: Awaited<ReturnType<typeof openSandbox>>, id: string) => {
  const answer = await callPinpoint(sandbox, `/applications/${id}?include=stage`)
  return answer.status === 200
    ? single.parse(await answer.json()).included?.[0]?.attributes['basic_type']
    : answer.status
}

test('an application that comes late is shown as it was for so many reads, or so long', async () => {
  const sandbox = await openSandbox()
  const moved = sandbox.pinpoint.addApplication({ late: { as: 'offer', reads: 2 } })
  const absent = sandbox.pinpoint.addApplication({ late: { as: 'absent', reads: 1 } })
  const slow = sandbox.pinpoint.addApplication({ late: { ms: 3_600_000 } })
  const shown = async (id: string) => [await stageOf(sandbox, id), await stageOf(sandbox, id)]
  expect([...(await shown(moved.id)), await stageOf(sandbox, moved.id)]).toEqual(['offer', 'offer', 'hired'])
  expect(await shown(absent.id)).toEqual([404, 'hired'])
  expect(await shown(slow.id)).toEqual(['offer', 'offer'])
  sandbox.pinpoint.changeApplication(slow.id, { late: null })
  expect(await stageOf(sandbox, slow.id)).toBe('hired')
})

test('demo data has what was recorded of it, unless told otherwise', async () => {
  const sandbox = await openSandbox()
  const attributesOf = async (seed: object) => {
    const { id } = sandbox.pinpoint.addApplication(seed)
    const { data } = single.parse(await (await callPinpoint(sandbox, `/applications/${id}`)).json())
    return data.attributes
  }
  expect(await attributesOf({ isDemo: true })).toMatchObject({
    is_demo: true,
    hired_at: null,
    start_on: null,
    internal_candidate: true,
  })
  expect(await attributesOf({ isDemo: true, startOn: '2027-01-04' })).toMatchObject({
    start_on: '2027-01-04',
  })
  expect(await attributesOf({})).toMatchObject({ is_demo: false, internal_candidate: false })
  expect(sampleEvent).toBe(hireEvent(1, 1, 1_614_687_278))
})

test('a concealed application shows nobody', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication({ firstName: 'Ada', concealed: true })
  const { data } = single.parse(await (await callPinpoint(sandbox, `/applications/${id}`)).json())
  expect(data.attributes).toMatchObject({ concealed: true, channel: 'Hidden due to blind screening' })
  expect(JSON.stringify(data.attributes)).not.toContain('Ada')
})

test('the list filters by stage and time and gives pages', async () => {
  const sandbox = await openSandbox()
  for (const stage of ['hired', 'hired', 'hired', 'offer'] as const)
    sandbox.pinpoint.addApplication({ stage })
  const list = async (query: string) =>
    many.parse(await (await callPinpoint(sandbox, `/applications?${query}`)).json())
  const hired = 'filter[stage_basic_type]=hired&page[size]=2&stats[total]=count'
  const first = await list(hired)
  expect(first.data).toHaveLength(2)
  expect(first.meta).toEqual({ stats: { total: { count: 3 } } })
  expect((await list(`${hired}&page[number]=2`)).data).toHaveLength(1)
  expect((await list('sort=-id')).data[0]?.id).toBe('9000004')
  expect(
    (await list(`filter[updated_at][gt]=${encodeURIComponent('2999-01-01T00:00:00+01:00')}`)).data,
  ).toEqual([])
})

test.each([
  'include=everything',
  'filter[job_visibility]=secret',
  'page[size]=1001',
  'sort=email',
  'filter[updated_at][gt]=2021-04-01T00:00:00+01:00',
])('a query that Pinpoint would not understand is refused: %s', async (query) => {
  const sandbox = await openSandbox()
  expect((await callPinpoint(sandbox, `/applications?${query}`)).status).toBe(400)
})

test('a missing and a wrong key answer 401, a tenant with the API off 403', async () => {
  const sandbox = await openSandbox({ seed: { tenants: [{ subdomain: 'globex', apiKey: 'globex-key' }] } })
  const { id } = sandbox.pinpoint.addApplication({ tenant: 'globex' })
  const url = `${sandbox.pinpointUrlOf('globex')}/applications/${id}`
  const detail = async (headers: Record<string, string>) =>
    problem.parse(await (await fetch(url, { headers })).json())
  expect((await detail({})).errors[0]).toMatchObject({
    status: '401',
    detail: 'X-API-KEY header not provided',
  })
  const key = { 'x-api-key': 'pinpoint-sandbox-key' }
  expect((await detail(key)).errors[0]).toMatchObject({ status: '401', detail: 'Invalid API key' })
  expect((await fetch(url, { headers: { 'x-api-key': 'globex-key' } })).status).toBe(200)
  sandbox.pinpoint.addTenant({ subdomain: 'globex', apiKey: 'globex-key', enabled: false })
  expect((await detail({ 'x-api-key': 'globex-key' })).errors[0]).toMatchObject({ status: '403' })
})

test('a comment is created with its application beside it, and is then listed', async () => {
  const sandbox = await openSandbox()
  const { id } = sandbox.pinpoint.addApplication()
  const created = await callPinpoint(sandbox, '/comments', applicationFor(id))
  expect(created.status).toBe(201)
  const { data, included } = single.parse(await created.json())
  expect(data.attributes).toMatchObject({ body_text: 'Record created with ID: 1', commentable_id: id })
  expect(included?.[0]).toMatchObject({ type: 'applications', id })
  const filter = `filter[commentable_id]=${id}&filter[commentable_type]=Application`
  expect(many.parse(await (await callPinpoint(sandbox, `/comments?${filter}`)).json()).data).toHaveLength(1)
  expect((await callPinpoint(sandbox, '/comments', applicationFor('404'))).status).toBe(422)
})

test('a limited tenant gets 429 with Retry-After at its 121st call in a minute', async () => {
  const sandbox = await openSandbox({ seed: { tenants: [{ subdomain: 'acme', rateLimited: true }] } })
  for (let call = 0; call < 120; call++) expect((await callPinpoint(sandbox, '/comments')).status).toBe(200)
  const refused = await callPinpoint(sandbox, '/comments')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('the signature of a webhook is the base64 HMAC of its body', () => {
  const body = hireEvent(1, 1, 1614687278)
  expect(body).toBe(
    '{"event":"application_hired","triggeredAt":1614687278,"data":{"application":{"id":1},"job":{"id":1}}}',
  )
  expect(signPinpoint('test_signing_secret', body)).toBe('M/3jhaV2hH3hh+XM9bVYZzpX/Hc1jPcFq6kLfcZhDM4=')
})
