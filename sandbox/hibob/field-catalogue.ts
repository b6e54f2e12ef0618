/** The fields of an employee as HiBob's metadata describes them: a selection of those on record, and the company's own. */
import { z } from 'zod'

export const fieldSeed = z.strictObject({
  /** Such as `work.custom.field_1651`: the path of the value in a body. */
  id: z.string(),
  name: z.string(),
  category: z.string().default('work'),
  categoryDisplayName: z.string().default('Work'),
  type: z.string().default('text'),
  /** The named list of its values. */
  listId: z.string().optional(),
  historical: z.boolean().default(false),
})
type Field = z.output<typeof fieldSeed>

type Row = readonly [
  id: string,
  name: string,
  type?: string,
  listId?: string | undefined,
  historical?: string,
]

const group = (category: string, categoryDisplayName: string, fields: readonly Row[]) =>
  fields.map(([id, name, type = 'text', listId, historical]): Field => ({
    ...{ id, name, category, categoryDisplayName, type, listId },
    historical: historical !== undefined,
  }))

export const builtInFields: readonly Field[] = [
  ...group('root', 'Basic info', [
    ['root.id', 'ID', 'employee-reference'],
    ['root.email', 'Email'],
    ['root.firstName', 'First name'],
    ['root.surname', 'Last name'],
    ['root.fullName', 'Full name'],
    ['root.displayName', 'Display name'],
    ['root.secondName', 'Middle name'],
  ]),
  ...group('personal', 'Personal', [
    ['personal.honorific', 'Prefix', 'list', 'honorific'],
    ['personal.pronouns', 'Pronouns', 'list', 'pronouns'],
    ['personal.birthDate', 'Date of Birth', 'date'],
    ['personal.shortBirthDate', 'Birthday', 'short-date'],
    ['personal.age', 'Age', 'number'],
    ['personal.nationality', 'Nationality', 'multi-list', 'nationalities'],
  ]),
  ...group('personalContact', 'Personal contact details', [
    ['home.privateEmail', 'Personal email'],
    ['home.privatePhone', 'Personal phone'],
    ['home.mobilePhone', 'Personal mobile'],
  ]),
  ...group('work', 'Work', [
    ['work.startDate', 'Start date', 'date'],
    ['work.site', 'Site'],
    ['work.siteId', 'Site', 'list_id', 'site', 'historical'],
    ['work.title', 'Job title', 'list', 'title', 'historical'],
    ['work.department', 'Department', 'list', 'department', 'historical'],
    ['work.reportsTo', 'Reports to', 'employee', undefined, 'historical'],
    ['work.employeeIdInCompany', 'Employee ID', 'number'],
    ['work.tenureDuration', 'Tenure (duration)', 'period'],
    ['work.isManager', 'Is a manager', 'boolean'],
    ['employee.buddy', 'Buddy', 'employee-reference'],
    ['employee.hrbp', 'HRBP', 'employee-reference'],
    ['employee.orgLevel', 'Org level', 'list', 'orgLevels'],
  ]),
  ...group('workContact', 'Work contact details', [
    ['work.workMobile', 'Work mobile'],
    ['work.workPhone', 'Work phone'],
    ['personal.communication.slackUsername', 'Slack username'],
    ['personal.communication.skypeUsername', 'Skype username'],
  ]),
  ...group('address', 'Address', [
    ['address.line1', 'Address line 1', 'text', undefined, 'historical'],
    ['address.line2', 'Address line 2', 'text', undefined, 'historical'],
    ['address.fullAddress', 'Full address'],
    ['address.city', 'City', 'text', undefined, 'historical'],
    ['address.postCode', 'Zip/Post/Postal code', 'text', undefined, 'historical'],
    ['address.country', 'Country', 'list', 'countries', 'historical'],
    ['address.usaState', 'State/Province/Region', 'text', undefined, 'historical'],
    ['address.siteCity', 'Site city'],
  ]),
  ...group('about', 'About', [
    ['about.about', 'About', 'text-area'],
    ['about.socialData.linkedin', 'Social - LinkedIn'],
    ['about.socialData.twitter', 'Social - Twitter'],
    ['about.hobbies', 'Hobbies', 'multi-list', 'hobbies'],
    ['about.foodPreferences', 'Food preferences', 'multi-list', 'foodPreferences'],
  ]),
  ...group('home', 'Home', [
    ['home.familyStatus', 'Marital status', 'list', 'familystatus'],
    ['home.numberOfKids', 'Number of children', 'number'],
  ]),
  ...group('emergency', 'Emergency', [
    ['emergency.firstName', 'Emergency contact’s first name'],
    ['emergency.surname', 'Emergency contact’s last name'],
    ['emergency.mobilePhone', 'Emergency contact’s mobile phone number'],
    ['emergency.country', 'Emergency contact’s country of residence', 'list', 'countries'],
  ]),
  ...group('employment', 'Employment', [
    ['payroll.employment.contract', 'Employment contract', 'list', 'employmentstatus', 'historical'],
    ['payroll.employment.type', 'Employment type', 'list', 'payrollEmploymentType', 'historical'],
    ['payroll.employment.weeklyHours', 'Weekly hours', 'number', undefined, 'historical'],
    ['payroll.employment.fte', 'FTE %', 'number', undefined, 'historical'],
    ['payroll.employment.salaryPayType', 'Salary pay type', 'list', 'salaryPayType', 'historical'],
    ['payroll.employment.flsaCode', 'FLSA code', 'list', 'flsaCode', 'historical'],
    [
      'payroll.employment.standardWorkingPattern.workingPatternId',
      ...(['Full time working pattern', 'list_id', 'workingPattern_entity_list'] as const),
    ],
    ['payroll.employment.calendarId', 'Holiday calendar ID', 'list_id', 'calendar', 'historical'],
  ]),
  ...group('payroll', 'Payroll', [
    ['payroll.salary.payment', 'Base salary', 'currency', undefined, 'historical'],
    ['payroll.salary.payPeriod', 'Salary pay period', 'list', 'payPeriod', 'historical'],
    ['payroll.salary.payFrequency', 'Salary pay frequency', 'list', 'payFrequency', 'historical'],
  ]),
  ...group('lifecycle', 'Lifecycle', [
    ['internal.status', 'Status', 'list', 'status', 'historical'],
    ['internal.lifecycleStatus', 'Lifecycle status', 'list', 'lifecycleStatus', 'historical'],
  ]),
]
