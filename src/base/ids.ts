/** Ids that a person can tell apart: a prefix that names the thing, then 22 characters that sort by time. */
import { randomBytes } from 'node:crypto'

declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

export type TenantId = Id<'tenant'>
export type ConnectionId = Id<'connection'>
export type EventId = Id<'event'>
export type RunId = Id<'run'>
export type EffectId = Id<'effect'>
export type QuarantineId = Id<'quarantine'>
export type SweepId = Id<'sweep'>
export type ReplayId = Id<'replay'>

const alphabet = '0123456789abcdefghijklmnopqrstuv'

/** 48 bits of time then 60 random bits, base 32: ids made later sort later, so indexes grow at their end. */
function sortable(): string {
  let time = Date.now()
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = alphabet.charAt(time % 32) + head
    time = Math.floor(time / 32)
  }
  let tail = ''
  for (const byte of randomBytes(12)) tail += alphabet.charAt(byte & 31)
  return head + tail
}

export const newTenantId = () => `ten_${sortable()}` as TenantId
export const newConnectionId = () => `con_${sortable()}` as ConnectionId
export const newEventId = () => `evt_${sortable()}` as EventId
export const newRunId = () => `run_${sortable()}` as RunId
export const newEffectId = () => `eff_${sortable()}` as EffectId
export const newQuarantineId = () => `qua_${sortable()}` as QuarantineId
export const newSweepId = () => `swp_${sortable()}` as SweepId
export const newReplayId = () => `rpl_${sortable()}` as ReplayId
