/**
 * The fields that every HiBob has and a new employee can be given, as its metadata names them. HiBob itself is asked before anything is
 * sent; this list is for where it is not: `apply`, and a service user who may not read the metadata.
 */
import type { Target } from '../../sdk/index.ts'

/** `choices`: several items of a list. */
type Row = readonly [id: string, title: string, type?: Target['type'] | 'choices']

/** Heading, by which HiBob grants permissions → fields. https://apidocs.hibob.com/reference/get_company-people-fields */
const groups: Readonly<Record<string, readonly Row[]>> = {
  'Basic info': [
    ['root.secondName', 'Middle name'],
    ['root.displayName', 'Display name'],
  ],
  Personal: [
    ['personal.honorific', 'Prefix', 'choice'],
    ['personal.pronouns', 'Pronouns', 'choice'],
    ['personal.birthDate', 'Date of birth', 'date'],
    ['personal.nationality', 'Nationality', 'choices'],
    ['employee.disabilityStatus', 'Disability status', 'choice'],
    ['employee.veteranStatus', 'Veteran status', 'choices'],
  ],
  'Personal contact details': [
    ['home.privatePhone', 'Personal phone'],
    ['home.mobilePhone', 'Personal mobile'],
  ],
  'Work contact details': [
    ['work.workPhone', 'Work phone'],
    ['work.workMobile', 'Work mobile'],
    ['personal.communication.slackUsername', 'Slack username'],
    ['personal.communication.skypeUsername', 'Skype username'],
  ],
  Address: [
    ['address.line1', 'Address line 1', 'address_part'],
    ['address.line2', 'Address line 2', 'address_part'],
    ['address.city', 'City', 'address_part'],
    ['address.postCode', 'Zip/Post/Postal code', 'address_part'],
    ['address.usaState', 'State/Province/Region', 'address_part'],
    ['address.country', 'Country', 'choice'],
  ],
  'Temporary address': [
    ['temporaryAddress.line1', 'Temporary address line 1', 'address_part'],
    ['temporaryAddress.line2', 'Temporary address line 2', 'address_part'],
    ['temporaryAddress.city', 'Temporary city', 'address_part'],
    ['temporaryAddress.postCode', 'Temporary zip/post/postal code', 'address_part'],
    ['temporaryAddress.usaState', 'Temporary state/province/region', 'address_part'],
    ['temporaryAddress.country', 'Temporary country', 'choice'],
  ],
  About: [
    ['about.about', 'About'],
    ['about.socialData.linkedin', 'LinkedIn'],
    ['about.socialData.facebook', 'Facebook'],
    ['about.socialData.twitter', 'Twitter'],
    ['about.hobbies', 'Hobbies', 'choices'],
    ['about.superpowers', 'Superpowers', 'choices'],
    ['about.foodPreferences', 'Food preferences', 'choices'],
  ],
  Work: [
    ['work.employeeIdInCompany', 'Employee ID', 'number'],
    ['employee.orgLevel', 'Org level', 'choice'],
    ['employee.buddy', 'Buddy', 'person'],
    ['employee.hrbp', 'HRBP', 'person'],
    ['employee.payrollManager', 'Payroll manager', 'person'],
    ['employee.itAdmin', 'IT admin', 'person'],
  ],
  Employment: [
    ['payroll.employment.salaryPayType', 'Salary pay type', 'choice'],
    ['payroll.employment.flsaCode', 'FLSA code', 'choice'],
    ['payroll.employment.fte', 'FTE %', 'number'],
    ['payroll.employment.weeklyHours', 'Weekly hours', 'number'],
    ['payroll.employment.hoursInDayNotWorked', 'Hours in days not worked', 'number'],
    ['payroll.employment.personalWorkingPatternType', 'Personal working pattern', 'choice'],
    ['payroll.employment.calendarId', 'Holiday calendar', 'choice'],
    ['employee.workLocationId', 'Work location', 'choice'],
    ['employee.remoteWorkLocationId', 'Remote work location', 'choice'],
    ['employee.employerId', 'Employer', 'choice'],
    ['employee.employerWorkLocationId', 'Employer and work location', 'choice'],
  ],
  Home: [
    ['home.familyStatus', 'Marital status', 'choice'],
    ['home.legalGender', 'Gender', 'choice'],
    ['employee.legalSex', 'Legal sex', 'choice'],
    ['home.numberOfKids', 'Number of children', 'number'],
    ['home.spouse.firstName', 'Spouse’s first name'],
    ['home.spouse.surname', 'Spouse’s last name'],
    ['home.spouse.birthDate', 'Spouse’s date of birth', 'date'],
    ['home.spouse.gender', 'Spouse’s gender', 'choice'],
  ],
  Emergency: [
    ['emergency.firstName', 'Emergency contact’s first name'],
    ['emergency.secondName', 'Emergency contact’s middle name'],
    ['emergency.surname', 'Emergency contact’s last name'],
    ['emergency.relation', 'Emergency contact’s relationship', 'choice'],
    ['emergency.phone', 'Emergency contact’s phone'],
    ['emergency.mobilePhone', 'Emergency contact’s mobile phone'],
    ['emergency.email', 'Emergency contact’s e-mail'],
    ['emergency.address', 'Emergency contact’s address'],
    ['emergency.city', 'Emergency contact’s city'],
    ['emergency.postCode', 'Emergency contact’s post code'],
    ['emergency.country', 'Emergency contact’s country', 'choice'],
  ],
  Identification: [
    ['financial.passportNumber', 'Passport number'],
    ['financial.identificationNumber', 'National ID'],
    ['payroll.nin', 'NI number'],
    ['identification.ssnSerialNumber', 'SSN, last 4 digits'],
    ['employee.sin', 'Social insurance number (SIN)'],
    ['employee.sinExpirationDate', 'SIN expiration date', 'date'],
  ],
  EEO: [
    ['eeo.ethnicity', 'Ethnicity', 'choice'],
    ['eeo.jobCategory', 'Job category', 'choice'],
    ['employee.ethnicities', 'Ethnicities', 'choices'],
  ],
  Payroll: [
    ['payroll.taxCode', 'Tax code'],
    ['payroll.additionalPensionContribution', 'Additional pension contribution', 'number'],
  ],
  'UK tax settings': [
    ['employee.starterType', 'Starter type', 'choice'],
    ['employee.starterDeclaration', 'Starter declaration', 'choice'],
    ['employee.taxResidency', 'Tax residency', 'choice'],
    ['employee.taxCode', 'Tax code (UK)'],
    ['employee.w1m1', 'Week 1 / month 1', 'boolean'],
    ['employee.loanTypes', 'Loan types', 'choices'],
    ['employee.previousTaxablePay', 'Previous taxable pay', 'number'],
    ['employee.previousTaxPaid', 'Previous tax paid', 'number'],
    ['employee.nationalInsuranceCategory', 'National insurance category', 'choice'],
    ['employee.directorAppointedOn', 'Director appointed on', 'date'],
    ['employee.directorsNIBasis', 'Directors’ national insurance basis', 'choice'],
    ['employee.isIR35Contractor', 'IR35 contractor', 'boolean'],
    ['employee.dateLeftPreviousEmployment', 'Date left previous employment', 'date'],
  ],
}

/** Beyond those that every hire has. */
export const standardFields: readonly Target[] = Object.entries(groups).flatMap(([group, fields]) =>
  fields.map(([id, title, type = 'text']) => ({
    ...{ id, title, group, required: false, writable: true },
    ...(type === 'choices' ? { type: 'choice' as const, multiple: true as const } : { type }),
  })),
)
