/** `keys list | rotate` */
import { sealedData } from '../app/operator.ts'
import type { Store } from '../app/store.ts'
import { NeedsPerson } from '../base/failure.ts'
import { processIdentity } from '../config/process-identity.ts'
import type { LiveProcess } from '../keys/ports.ts'
import type { SealedAgain, SealedWith } from '../privacy/ports.ts'
import type { Command, CommandResult } from './command.ts'
import { exitCodes } from './exit-code.ts'
import { table } from './table.ts'
import { withStore, withStoreToRead } from './with-store.ts'

export const keysList: Command = {
  name: 'keys list',
  summary: 'List the encryption keys, and how much each has sealed',
  details:
    'The first key of ENCRYPTION_KEYS seals, all of them open. One that has sealed nothing can be taken out, unless backups ' +
    'need it. Keys themselves are never printed.',
  examples: ['keys list', 'keys list --json'],
  prints: 'data',
  database: 'reads',
  run: (context) =>
    withStoreToRead(
      context,
      async (store) => {
        const keys = shown(store.keys, await sealedData(store).byKey())
        const missing = keys.filter(({ state, envelopes }) => state === 'missing' && envelopes > 0)
        const rows = keys.map(({ key, state, envelopes }) => [
          key ?? '(none)',
          stateText[state],
          String(envelopes),
        ])
        return {
          data: keys.map((one) => ({ ...one })),
          text: table(['KEY', 'STATE', 'SEALED'], rows),
          ...(missing.length === 0 ? {} : { exitCode: exitCodes.needsPerson.code }),
          ...next(keys),
        }
      },
      { forKeys: true },
    ),
}

export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'Re-encrypt with the first encryption key what others have encrypted',
  details:
    'First put the new key in front of the old one in ENCRYPTION_KEYS (or in DATA_DIR/encryption-keys) and restart every process: ' +
    'one without the new key could read nothing afterwards, so this command refuses and names it. Safe beside a running service, and ' +
    'safe to repeat. Remove the old key once nothing is encrypted with it and no backup needs it.',
  options: [{ name: 'anyway', description: 'Also while a process seems to live that lacks the new key' }],
  examples: ['keys rotate', 'keys rotate --json'],
  prints: 'data',
  database: 'changes',
  run: (context) =>
    withStore(
      context,
      async (store) => {
        const live = await liveProcesses(store)
        if (!context.input.flag('anyway')) mustHaveKey(live, store.sealer.keys[0])
        const sealed = sealedData(store)
        const { keys } = store.sealer
        const [first] = keys
        const byOthers = async () => (await sealed.byKey()).filter(({ key }) => key !== first)
        context.progress('counting what is encrypted with other keys')
        const all = (await byOthers()).reduce((sum, { envelopes }) => sum + envelopes, 0)
        const again = await sealed.sealAgain(context.signal, (done) =>
          context.progress(`re-encrypted ${done.toLocaleString('en')} of ${all.toLocaleString('en')}`),
        )
        const left = await byOthers()
        return {
          data: {
            key: first,
            ...again,
            left: left.map(({ key, envelopes }) => ({ key: key ?? null, envelopes })),
          },
          changes:
            again.sealed === 0 ? [] : [{ tenant: null, did: { key: first, 're-encrypted': again.sealed } }],
          ...told(keys, again, left),
          ...stillSealing(live, first, left),
        }
      },
      { forKeys: true },
    ),
}

async function liveProcesses({ processes }: Store): Promise<readonly LiveProcess[]> {
  const identity = processIdentity()
  return (await processes.live()).filter(({ name }) => !identity.isGone(name))
}

function mustHaveKey(live: readonly LiveProcess[], key: string): void {
  const behind = live.filter(({ keys }) => !keys.includes(key))
  if (behind.length === 0) return
  const names = behind
    .map(({ name, role, keys }) => `${name} (ROLE=${role}, keys: ${keys.join(', ')})`)
    .join('; ')
  const who = behind.length === 1 ? 'A live process lacks' : `${behind.length} live processes lack`
  throw new NeedsPerson(
    'seal.process_lacks_key',
    `${who} the key "${key}": ${names}. Without it, what is encrypted with it cannot be read there, so nothing was changed.`,
    {
      fix:
        'Put the key into its ENCRYPTION_KEYS (or DATA_DIR/encryption-keys) and restart it. One that was killed counts for 90 seconds, ' +
        'an idle instance of a Lambda function for an hour; --anyway does not wait for it.',
      details: { processes: behind.map(({ name }) => name) },
    },
  )
}

/** A process that has the new key behind another one keeps encrypting with the other, so another rotation is needed. */
function stillSealing(
  live: readonly LiveProcess[],
  key: string,
  left: readonly SealedWith[],
): Pick<CommandResult, 'next'> {
  const names = live.filter(({ keys }) => keys[0] !== key).map(({ name }) => name)
  if (left.length === 0 || names.length === 0) return {}
  return {
    next: `These still encrypt with another key: ${names.join(', ')}. Put "${key}" first there, restart them, then run it again.`,
  }
}

type State = 'seals' | 'opens' | 'missing'
const stateText: Readonly<Record<State, string>> = { seals: 'seals', opens: 'opens', missing: 'is not here' }

interface Shown {
  /** Null: the stored value is not an envelope. */
  readonly key: string | null
  readonly state: State
  readonly envelopes: number
}

function shown(known: readonly string[], sealed: readonly SealedWith[]): readonly Shown[] {
  const here = known.map((key, index) => ({
    key,
    state: index === 0 ? ('seals' as const) : ('opens' as const),
    envelopes: sealed.find((one) => one.key === key)?.envelopes ?? 0,
  }))
  const others = sealed.filter(({ key }) => key === undefined || !known.includes(key))
  return [
    ...here,
    ...others.map(({ key, envelopes }) => ({ key: key ?? null, state: 'missing' as const, envelopes })),
  ]
}

function next(keys: readonly Shown[]): Pick<CommandResult, 'next'> {
  if (keys.some(({ state, envelopes }) => state === 'missing' && envelopes > 0))
    return {
      next: 'A key is missing here, and what it encrypted cannot be read. Add it to ENCRYPTION_KEYS again.',
    }
  return keys.some(({ state, envelopes }) => state === 'opens' && envelopes > 0)
    ? { next: 'Next: pinpoint-webhooks keys rotate' }
    : {}
}

function told(
  keys: Store['sealer']['keys'],
  { sealed, unreadable, finished }: SealedAgain,
  left: readonly SealedWith[],
): Pick<CommandResult, 'text' | 'next' | 'exitCode'> {
  const names = left.map(({ key, envelopes }) => `${key ?? '(none)'}: ${envelopes}`).join(', ')
  const text = [
    `Re-encrypted with the key "${keys[0]}": ${sealed}.`,
    unreadable === 0 ? '' : ` Cannot be decrypted: ${unreadable}.`,
    left.length === 0
      ? ' Nothing is still encrypted with another key.'
      : ` Still encrypted with other keys: ${names}.`,
  ].join('')
  if (left.length === 0) return { text }
  const again = { text, exitCode: exitCodes.retryLater.code }
  if (!finished) return { ...again, next: 'It was stopped. Next: pinpoint-webhooks keys rotate' }
  if (left.every(({ key }) => key !== undefined && keys.includes(key)) && unreadable === 0) {
    return {
      ...again,
      next: 'Rows were locked, or a process still encrypts with an older key: restart that process. Then run this again.',
    }
  }
  return {
    text,
    exitCode: exitCodes.needsPerson.code,
    next:
      'What cannot be decrypted needs a key that is not here, or was changed. Add the key to ENCRYPTION_KEYS again, behind the ' +
      'first one, then run it again.',
  }
}
