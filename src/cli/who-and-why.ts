/** Who does something to a run, and why: for its timeline. */
import { userInfo } from 'node:os'

import type { Input, OptionDefinition } from './command.ts'

export const reasonOption: OptionDefinition = {
  name: 'reason',
  value: 'TEXT',
  description: 'Why, for the timeline',
}

const longestReason = 200

/** One line: it stands in lists and logs of other people. */
export function reasonOf(input: Input): string | undefined {
  const line = input
    .option('reason')
    ?.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return line === undefined || line === '' ? undefined : Array.from(line).slice(0, longestReason).join('')
}

/** Of the operating system. In a container there may be a number only. */
export function user(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
