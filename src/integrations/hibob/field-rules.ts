/** What HiBob's metadata does not say of its fields: which a new employee needs, and which HiBob works out by itself. */
import type { Target } from '../../sdk/index.ts'

/** https://apidocs.hibob.com/reference/post_people */
export const required: ReadonlySet<string> = new Set([
  'root.firstName',
  'root.surname',
  'root.email',
  'work.site',
  'work.startDate',
])

export const mostNameLetters: Readonly<Record<string, number>> = { 'root.firstName': 50, 'root.surname': 50 }

/** Whole branches: what HiBob keeps itself, and rows of tables of their own, such as a salary. */
const branches = [
  'actualPayment.',
  'internal.',
  'peopleAnalytics.',
  'payroll.salary.',
  'payroll.variable.',
  'payroll.entitlement.',
  'payroll.deduction.',
  'employee.job',
]

const leaves: ReadonlySet<string> = new Set([
  'root.id',
  'root.companyId',
  'root.fullName',
  'root.state',
  'root.avatarUrl',
  'root.coverImageUrl',
  'root.creationDate',
  'root.creationDateTime',
  'about.avatar',
  'address.fullAddress',
  'address.siteAddress1',
  'address.siteAddress2',
  'address.siteCity',
  'address.siteCountry',
  'address.sitePostalCode',
  'address.siteState',
  'employee.eligibleForRehire',
  'employee.enrolledInPayrollModuleStatus',
  'employee.firstDayOfWork',
  'employee.hasPaidPayslip',
  'employee.isTaxYearReset',
  'employee.lastDayOfWork',
  'employee.recentLeaveEndDate',
  'employee.recentLeaveStartDate',
  'employee.regrettableTermination',
  'employee.ukTaxSettingsLockedByP6',
  'financial.rightToWorkExpiryDate',
  'payroll.employment.actualWorkingPattern',
  'payroll.employment.siteWorkingPattern',
  'payroll.timeSinceLastSalaryChange',
  'personal.age',
  'personal.shortBirthDate',
  'work.daysOfPreviousService',
  'work.directReports',
  'work.durationOfEmployment',
  'work.indirectReports',
  'work.isManager',
  // The same value as `work.reportsTo`.
  'work.manager',
  'work.originalStartDate',
  'work.reportsTo.email',
  'work.reportsToIdInCompany',
  'work.secondLevelManager',
  'work.shortStartDate',
  // A new employee's site goes by its name, in `work.site`.
  'work.siteId',
  'work.tenureDuration',
  'work.tenureDurationYears',
  'work.tenureYears',
  'work.yearsOfService',
])

export function derived(id: string): boolean {
  return leaves.has(id) || id.endsWith('.activeEffectiveDate') || branches.some((one) => id.startsWith(one))
}

/** To be told apart from what is no field at all. */
export const derivedFields: readonly Target[] = [...leaves].map((id) => ({
  ...{ id, title: id, group: 'Other', type: 'text', required: false, writable: false },
}))
