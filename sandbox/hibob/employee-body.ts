/** An employee as HiBob answers a creation: every key of the recorded answer, most of them null. */
import type { Json, JsonObject } from '../../src/base/json.ts'
import { timestamp } from './answers.ts'
import type { Employee } from './employee-store.ts'
import { isJsonObject } from './json-object.ts'
import { leavesOf } from './list-items.ts'
import { itemId, listNamed } from './lists.ts'
import type { Company } from './seed.ts'

/** With what was given at its creation. */
export function employeeBody(company: Company, employee: Employee): JsonObject {
  return merged(usual(company, employee), employee.extra)
}

function usual(company: Company, employee: Employee): JsonObject {
  const fullName = `${employee.firstName} ${employee.surname}`
  return {
    id: employee.id,
    companyId: 631640,
    firstName: employee.firstName,
    surname: employee.surname,
    secondName: null,
    email: employee.email,
    fullName,
    displayName: employee.displayName ?? fullName,
    creationDate: employee.createdAt.toISOString().slice(0, 10),
    creationDateTime: timestamp(employee.createdAt),
    state: 'uninvited',
    avatarUrl: null,
    coverImageUrl: 'https://media.example.com/cover/default.png',
    work: work(company, employee),
    payroll: payroll(employee.startDate),
    personal: { communication: { skypeUsername: null, slackUsername: null } },
    employee: {
      positionId: null,
      payrollManager: null,
      hrbp: null,
      itAdmin: null,
      jobLevelId: null,
      buddy: null,
    },
    about,
    home: { mobilePhone: null, privateEmail: null, privatePhone: null },
  }
}

/** Fields that are read but not part of the answer to a creation. */
export function internalPart(employee: Employee): JsonObject {
  const usual = employee.status === 'Active' ? 'Employed' : 'Terminated'
  const { status, lifecycle = usual } = employee
  return { status, lifecycleStatus: lifecycle }
}

function merged(known: JsonObject, given: JsonObject): JsonObject {
  const members = Object.entries(given).map(([name, value]): [string, Json] => {
    const before = known[name]
    return [name, isJsonObject(before) && isJsonObject(value) ? merged(before, value) : value]
  })
  return { ...known, ...Object.fromEntries(members) }
}

/** Companies that take ids show them, too. */
function shownItem(company: Company, list: string, name: string | null): string | null {
  if (company.listValues !== 'ids' || name === null) return name
  return leavesOf(listNamed(company, list) ?? []).find((item) => item.name === name)?.id ?? name
}

function work(company: Company, employee: Employee): JsonObject {
  return {
    startDate: employee.startDate,
    shortStartDate: employee.startDate.slice(5),
    originalStartDate: employee.startDate,
    activeEffectiveDate: employee.startDate,
    site: employee.site,
    siteId: itemId(company.sites, employee.site),
    title: shownItem(company, 'title', employee.title),
    department: shownItem(company, 'department', employee.department),
    manager: null,
    reportsTo: null,
    reportsToIdInCompany: null,
    secondLevelManager: null,
    directReports: null,
    indirectReports: null,
    isManager: false,
    employeeIdInCompany: null,
    workPhone: null,
    workMobile: null,
    tenureDuration: null,
    tenureDurationYears: 0,
    tenureYears: null,
    durationOfEmployment: null,
    daysOfPreviousService: 0,
    yearsOfService: 0,
  }
}

const about: JsonObject = {
  foodPreferences: [],
  socialData: { linkedin: null, twitter: null, facebook: null },
  superpowers: [],
  hobbies: [],
  about: null,
  avatar: 'https://media.example.com/avatar/default.png',
}

function payroll(startDate: string): JsonObject {
  const days = { sunday: 0, monday: 9, tuesday: 9, wednesday: 9, thursday: 9, friday: 9, saturday: 0 }
  const pattern = { workingPatternType: 'hourly', days, hoursPerDay: 9, workingPatternId: 363430 }
  const noAmount = { amount: null }
  const noBonus = {
    companyPercent: null,
    amount: null,
    paymentPeriod: null,
    individualPercent: null,
    departmentPercent: null,
  }
  const benefits = {
    'Season ticket loans': noAmount,
    'Cycle to work': noAmount,
    'Company Car': noAmount,
    'Childcare vouchers': noAmount,
    'Lunch vouchers': noAmount,
  }
  return {
    additionalPensionContribution: null,
    timeSinceLastSalaryChange: null,
    taxCode: null,
    salary: {
      monthlyPayment: null,
      yearlyPayment: null,
      payPeriod: null,
      payFrequency: null,
      payment: { currency: null },
      activeEffectiveDate: null,
    },
    entitlement: benefits,
    deduction: benefits,
    employment: {
      hoursInDayNotWorked: 9,
      standardWorkingPattern: null,
      fte: 100,
      type: null,
      flsaCode: null,
      actualWorkingPattern: pattern,
      siteWorkingPattern: pattern,
      personalWorkingPatternType: null,
      workingPattern: null,
      contract: 'Full time',
      calendarId: null,
      salaryPayType: null,
      activeEffectiveDate: startDate,
      weeklyHours: 45,
    },
    variable: { 'Executive bonus': noBonus, Bonus: noBonus, Commission: noBonus },
  }
}
