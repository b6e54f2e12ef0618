/** What can be said about a HiBob company and its employees when seeding them. */
import { z } from 'zod'

import { fieldSeed } from './field-catalogue.ts'
import { listSeed, usualLists } from './list-items.ts'

export const permissions = [
  ...(['people.create', 'people.read', 'docs.upload', 'docs.read', 'lists.read', 'fields.read'] as const),
  ...(['work.read', 'work.write', 'employment.read', 'employment.write'] as const),
  ...(['salaries.read', 'salaries.write'] as const),
] as const
export type Permission = (typeof permissions)[number]

export const companySeed = z.strictObject({
  name: z.string().min(1),
  serviceUserId: z.string().min(1).default('SERVICE-1001'),
  serviceUserToken: z.string().min(1).default('hibob-sandbox-token'),
  /** Permissions that the service user lacks: those calls answer 403, with a key or as `deniedWith` says. */
  denied: z.array(z.enum(permissions)).default([]),
  /** A number: that status and `{"errorMessage": "No permissions to …"}`. HiBob has been seen to use 401 for it. */
  deniedWith: z.union([z.literal('key'), z.literal(401), z.literal(403)]).default('key'),
  /** In which of its three shapes HiBob refuses a new employee, an e-mail that is taken included. */
  refusals: z.enum(['key', 'errorMessage', 'errors']).default('key'),
  /** With which status. */
  refusedWith: z.union([z.literal(400), z.literal(409), z.literal(422)]).default(400),
  /** Fields such as `home.privateEmail` for whose values a new employee is refused with 400. */
  refusedFields: z.array(z.string()).default([]),
  /** Fields (`root.email`) and categories of fields (`lifecycle`) that the service user may not view: left out of every answer without a word. */
  hiddenFields: z.array(z.string()).default([]),
  /** Fields (`work.title`) and categories (`work`) that the service user may not edit: a create leaves them out without a word. */
  uneditableFields: z.array(z.string()).default([]),
  /** A search passes its filter over, and answers everybody. */
  ignoresFilters: z.boolean().default(false),
  sites: z.array(z.string()).default(['New York (Demo)', 'London (Demo)', 'Madrid (Demo)']),
  /** Names, or items: `{ name: 'Engineering', children: ['Platform'] }` is a branch, whose leaves alone are values. */
  titles: listSeed.default(['Software Engineer', 'Designer', 'Recruiter']),
  departments: listSeed.default(['Engineering', 'People', 'Sales']),
  /** The other lists, by their names. */
  lists: z.record(z.string(), listSeed).default(usualLists),
  /** Fields beside the built-in ones, such as the company's own. */
  fields: z.array(fieldSeed).default([]),
  /** Ids of built-in fields that the company does not have. */
  withoutFields: z.array(z.string()).default([]),
  /** What a create takes for items of lists: names, ids, either of them, or nothing at all. */
  listValues: z.enum(['names', 'ids', 'both', 'none']).default('names'),
  /** How long a new employee stays invisible to search. HiBob documents up to 20 seconds. */
  readLagMs: z.int().nonnegative().default(0),
  /** How long a new document stays out of the employee's list. */
  documentLagMs: z.int().nonnegative().default(0),
  /** On: 50 searches, 50 creations, 50 metadata calls and 10 of each table a minute, then 429. */
  rateLimited: z.boolean().default(false),
  /** Limit for uploads into custom folders: 1 MB by the reference, 5 MB by a later changelog. */
  customFolderLimitMb: z.union([z.literal(1), z.literal(5)]).default(1),
  /** Which of the two shapes on record the document list answers in. */
  documentList: z.enum(['doc', 'flat']).default('doc'),
})
export type CompanySeed = z.input<typeof companySeed>
export type Company = z.output<typeof companySeed>

export const employeeSeed = z.strictObject({
  /** The company's name. */
  company: z.string().default('acme'),
  /** Unset: as the e-mail says. */
  firstName: z.string().optional(),
  surname: z.string().default('Example'),
  /** As colleagues see it. Unset: first name and surname. */
  displayName: z.string().optional(),
  email: z.string(),
  /** Who it is, for the oracle only: as `person` of an application. Unset: whoever has this e-mail and this first name. */
  person: z.string().optional(),
  site: z.string().default('New York (Demo)'),
  startDate: z.iso.date().default('2024-06-25'),
  title: z.string().nullable().default(null),
  department: z.string().nullable().default(null),
  /** `Inactive`: a leaver, found only with `showInactive`. */
  status: z.enum(['Active', 'Inactive']).default('Active'),
  /** `hired`, `leave`, `garden leave`, …; `null`: HiBob has none. Unset: `employed` or `terminated`, by the status. */
  lifecycle: z.string().nullable().optional(),
  /** Outside the service user's people scope: no search finds them, yet their e-mail is taken. */
  outOfScope: z.boolean().default(false),
})
/** As when a person corrects it in HiBob. */
export const employeeChanges = z.strictObject({
  firstName: z.string().optional(),
  surname: z.string().optional(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  status: z.enum(['Active', 'Inactive']).optional(),
  lifecycle: z.string().nullable().optional(),
  outOfScope: z.boolean().optional(),
})
export type EmployeeChanges = z.input<typeof employeeChanges>
export type EmployeeSeed = z.input<typeof employeeSeed>
