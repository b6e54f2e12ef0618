/** An employee as HiBob answers a creation: every key of the recorded answer, most of them null. */
import type { Json, JsonObject } from '../../src/base/json.ts'
import { timestamp } from './answers.ts'
import type { Employee } from './employee-store.ts'
import { isJsonObject } from './json-object.ts'
import { itemId } from './lists.ts'
import type { Company } from './seed.ts'

export function employeeBody(company: Company, employee: Employee): JsonObject {
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
    work: merged(work(company, employee), employee.extra['work']),
    payroll: payroll(employee.startDate),
    personal: merged(
      { communication: { skypeUsername: null, slackUsername: null } },
      employee.extra['personal'],
    ),
    employee: {
      positionId: null,
      payrollManager: null,
      hrbp: null,
      itAdmin: null,
      jobLevelId: null,
      buddy: null,
    },
    about: merged(about, employee.extra['about']),
    home: merged({ mobilePhone: null, privateEmail: null, privatePhone: null }, employee.extra['home']),
  }
}

/** Fields that are read but not part of the answer to a creation. */
export function internalPart(employee: Employee): JsonObject {
  const usual = employee.status === 'Active' ? 'Employed' : 'Terminated'
  const { status, lifecycle = usual } = employee
  return { status, lifecycleStatus: lifecycle }
}

function merged(known: JsonObject, given: Json | undefined): JsonObject {
  return isJsonObject(given) ? { ...known, ...given } : known
}

function work(company: Company, employee: Employee): JsonObject {
  return {
    startDate: employee.startDate,
    shortStartDate: employee.startDate.slice(5),
    originalStartDate: employee.startDate,
    activeEffectiveDate: employee.startDate,
    site: employee.site,
    siteId: itemId(company.sites, employee.site),
    title: employee.title,
    department: employee.department,
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
