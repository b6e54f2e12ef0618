/** A Dockerfile as stages and instructions, and what we would not let through a review, as findings in plain words. */

export interface Instruction {
  /** `FROM`, `RUN`, …, in capitals. */
  readonly name: string
  /** What follows, with continued lines joined. */
  readonly text: string
}

export interface Stage {
  readonly name: string
  readonly from: string
  readonly instructions: readonly Instruction[]
}

export function parseDockerfile(text: string): readonly Stage[] {
  const stages: (Stage & { readonly instructions: Instruction[] })[] = []
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Za-z]+)\s+(.*)$/.exec(line) ?? []
    if (name.toUpperCase() === 'FROM') {
      const [, from = '', alias] = /^(?:--\S+\s+)*(\S+)(?:\s+[Aa][Ss]\s+(\S+))?$/.exec(rest) ?? []
      stages.push({ name: alias ?? String(stages.length), from, instructions: [] })
    } else stages.at(-1)?.instructions.push({ name: name.toUpperCase(), text: rest })
  }
  return stages
}

/** The instructions of a stage and of the stages that it is built upon, from the bottom up. */
export function lineage(stages: readonly Stage[], name: string): readonly Instruction[] {
  const stage = stages.find((one) => one.name === name)
  return stage === undefined ? [] : [...lineage(stages, stage.from), ...stage.instructions]
}

/** A list in the form `["node", "…"]`, which starts the program itself instead of a shell. */
export function execForm(text: string): readonly string[] | undefined {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((part) => typeof part === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

/** Where the last of its kind counts. */
export const lastOf = (instructions: readonly Instruction[], name: string) =>
  instructions.findLast((instruction) => instruction.name === name)?.text

export function copies(instructions: readonly Instruction[]) {
  return instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ text }) => {
      const words = text.split(/\s+/)
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
      const paths = words.filter((word) => !word.startsWith('--'))
      return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' }
    })
}

/** `ENV a=b c=d` and `ARG a=b` of all of them. */
export function variables(
  instructions: readonly Instruction[],
  kind: 'ENV' | 'ARG',
): ReadonlyMap<string, string> {
  const pairs = instructions
    .filter(({ name }) => name === kind)
    .flatMap(({ text }) => Array.from(text.matchAll(/([A-Z_][A-Z0-9_]*)(?:=("[^"]*"|\S*))?/g)))
  return new Map(pairs.map(([, name = '', value = '']) => [name, value.replaceAll('"', '')]))
}

export function lint(text: string): readonly string[] {
  const stages = parseDockerfile(text)
  const names = new Set(stages.map(({ name }) => name))
  const all = stages.flatMap(({ instructions }) => instructions)
  const final = lineage(stages, stages.at(-1)?.name ?? '')
  return [
    ...stages
      .filter(({ from }) => !names.has(from) && !isPinned(from))
      .map(({ from }) => `not pinned: ${from}`),
    ...all.flatMap(({ name, text }) => lintInstruction(name, text)),
    ...lintFinal(final),
  ]
}

/** A whole version, or a digest. */
function isPinned(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(image) || /:\d+\.\d+(\.\d+)?(-[\w.-]+)?$/.test(image)
}

const bad: readonly (readonly [pattern: RegExp, finding: string])[] = [
  [/\bsudo\b/, 'sudo'],
  [/\b(curl|wget)\b/, 'downloads something without a lock file'],
  [/\bnpm (install|i)\b/, 'npm install instead of npm ci'],
  [/\bnpm ci\b(?!.*--omit=dev)/, 'development packages in the image'],
  [/\bchmod\b.*\b[0-7]?777\b/, 'writable for everybody'],
  [/\bapt-get install\b(?!.*--no-install-recommends)/, 'recommended packages'],
  [/\bapt-get install\b(?!.*rm -rf \/var\/lib\/apt\/lists)/, 'package lists stay in the image'],
]

function lintInstruction(name: string, text: string): readonly string[] {
  if (name === 'ADD') return [`ADD instead of COPY: ${text}`]
  if (name === 'COPY' && /(^|\s)\.\s/.test(text)) return ['copies everything']
  if (name === 'RUN')
    return bad.filter(([pattern]) => pattern.test(text)).map(([, finding]) => `${finding}: ${text}`)
  if ((name === 'ENV' || name === 'ARG') && /(TOKEN|KEYS?|PASSWORD|SECRET|DATABASE_URL)\b/.test(text))
    return [`a secret in the image's history: ${text}`]
  if ((name === 'ENTRYPOINT' || name === 'CMD') && execForm(text) === undefined)
    return [`${name} through a shell, which swallows SIGTERM`]
  if ((name === 'ENTRYPOINT' || name === 'CMD') && /^\["(npm|npx|sh|bash|yarn)"/.test(text))
    return [`${name} through a wrapper, which swallows SIGTERM`]
  if (name === 'HEALTHCHECK' && execForm(text.replace(/^.*\bCMD\s+/, '')) === undefined)
    return ['HEALTHCHECK through a shell']
  return []
}

function lintFinal(final: readonly Instruction[]): readonly string[] {
  const user = lastOf(final, 'USER')
  const order = final.findLastIndex(({ name }) => name === 'USER')
  return [
    ...(user === undefined ? ['runs as root: no USER'] : []),
    ...(user !== undefined && !/^[1-9]\d*(:[1-9]\d*)?$/.test(user)
      ? [`USER ${user} is not a number other than 0, so a platform cannot tell that it is not root`]
      : []),
    ...(final.slice(order + 1).some(({ name }) => name === 'RUN') ? ['RUN after USER'] : []),
    ...(lastOf(final, 'HEALTHCHECK') === undefined ? ['no HEALTHCHECK'] : []),
    ...(lastOf(final, 'ENTRYPOINT') === undefined ? ['no ENTRYPOINT'] : []),
    ...(lastOf(final, 'WORKDIR') === undefined ? ['no WORKDIR'] : []),
  ]
}
