/**
 * Every code that the program can give, read from the source: what is thrown, what a run can end with, what is warned of.
 * A code that cannot be read here is an error, so that none is missing from the page.
 */
import ts from 'typescript'

import { nodesOf, parse, propertyOf, readSources, type SourceText, textOf } from './source-text.ts'

export type Disposition = 'RetryLater' | 'NeedsPerson' | 'Refused' | 'usage' | 'bug' | 'warning'

export interface CatalogueEntry {
  /** `room.what_happened`; the room of what any destination can answer is `<destination>`. */
  readonly code: string
  readonly disposition: Disposition
  /** As in the source, with `{placeholders}`; most codes have one. */
  readonly messages: readonly string[]
  readonly fixes: readonly string[]
  readonly files: readonly string[]
}

/** Where a code is passed on that stands elsewhere in the source. Each of these must be there: an outdated line is an error. */
const passedOn: readonly { readonly file: string; readonly expression: string; readonly from: string }[] = [
  { file: 'src/worker/open-handler.ts', expression: 'code', from: 'what the connection was paused for' },
  {
    file: 'src/integrations/hibob/ensure-rows.ts',
    expression: 'code',
    from: 'the warnings of reading a row back',
  },
  {
    file: 'src/integrations/hibob/index.ts',
    expression: 'code',
    from: 'the warnings of place.ts and kept.ts',
  },
  { file: 'src/integrations/hibob/cv.ts', expression: 'failure.code', from: 'the failures of the download' },
  { file: 'src/effects/optional.ts', expression: 'code', from: 'what the optional work failed with' },
]

/** What becomes of a class. `CvUnusable` is caught where the CV is handled: the run goes on with a warning. */
const base: Readonly<Record<string, Disposition>> = {
  CvUnusable: 'warning',
  RetryLater: 'RetryLater',
  NeedsPerson: 'NeedsPerson',
  Refused: 'Refused',
  WrongUsage: 'usage',
}

export function errorCatalogue(sources: readonly SourceText[] = readSources()): readonly CatalogueEntry[] {
  const files = sources.map(parse)
  const classes = failureClasses(files)
  const ownCode = new Set(files.flatMap(nodesOf).flatMap(classWithOwnCode))
  const seen = new Set<string>()
  const entries = files
    .filter(({ fileName }) => fileName !== 'src/base/failure.ts')
    .flatMap((file) => nodesOf(file).flatMap((node) => entryAt(node, { file, classes, ownCode, seen })))
  const read = new Set(sources.map(({ path }) => path))
  const outdated = passedOn.filter(
    (line) => read.has(line.file) && !seen.has(`${line.file} ${line.expression}`),
  )
  if (outdated.length > 0) {
    throw new Error(`passedOn names what is not there: ${outdated.map(({ file }) => file).join(', ')}`)
  }
  return onePerCode(entries)
}

interface Place {
  readonly file: ts.SourceFile
  readonly classes: ReadonlyMap<string, Disposition>
  /** Classes whose constructor gives the code to `super`. */
  readonly ownCode: ReadonlySet<string>
  readonly seen: Set<string>
}

/** A subclass is what its base is, through any number of steps. */
function failureClasses(files: readonly ts.SourceFile[]): ReadonlyMap<string, Disposition> {
  const parents = new Map<string, string>()
  for (const node of files.flatMap(nodesOf)) {
    if (!ts.isClassDeclaration(node) || node.name === undefined) continue
    const parent = node.heritageClauses?.[0]?.types[0]?.expression
    if (parent !== undefined) parents.set(node.name.text, parent.getText())
  }
  const found = new Map(Object.entries(base))
  for (const name of parents.keys()) {
    let at: string | undefined = name
    while (at !== undefined && base[at] === undefined) at = parents.get(at)
    const disposition = at === undefined ? undefined : base[at]
    if (disposition !== undefined) found.set(name, disposition)
  }
  return found
}

function classWithOwnCode(node: ts.Node): readonly string[] {
  if (!ts.isClassDeclaration(node) || node.name === undefined || node.name.text in base) return []
  return node.members.some(ts.isConstructorDeclaration) ? [node.name.text] : []
}

function entryAt(node: ts.Node, place: Place): readonly CatalogueEntry[] {
  if (ts.isNewExpression(node)) {
    const disposition = place.classes.get(node.expression.getText())
    return disposition === undefined || place.ownCode.has(node.expression.getText())
      ? []
      : failureEntry(node.arguments, disposition, place)
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    const disposition = place.classes.get(ts.findAncestor(node, ts.isClassDeclaration)?.name?.text ?? '')
    return disposition === undefined ? [] : failureEntry(node.arguments, disposition, place)
  }
  if (ts.isCallExpression(node) && /(^|\.)warn$/.test(node.expression.getText())) {
    const [code, message] = node.arguments
    return isLogLine(node) ? [] : entry({ code, message }, 'warning', place)
  }
  if (ts.isObjectLiteralExpression(node)) return literalEntry(node, place)
  return []
}

function failureEntry(
  given: readonly ts.Expression[] | undefined,
  disposition: Disposition,
  place: Place,
): readonly CatalogueEntry[] {
  const [code, message, options] = given ?? []
  const pairs = code !== undefined && ts.isIdentifier(code) ? pairsFor(code) : []
  if (pairs.length > 0) return pairs.flatMap((pair) => entry(pair, disposition, place))
  return entry({ code, message, fix: propertyOf(options, 'fix') }, disposition, place)
}

/** `const [code, message] = table[…]`: the pairs of a code and its message that stand in the same file. */
function pairsFor(code: ts.Identifier): readonly Parts[] {
  const nodes = nodesOf(code.getSourceFile())
  const taken = nodes.some(
    (node) => ts.isArrayBindingPattern(node) && node.elements[0]?.getText() === code.text,
  )
  if (!taken) return []
  return nodes
    .filter(ts.isArrayLiteralExpression)
    .map(({ elements: [first, message] }) => ({ code: first, message }))
    .filter(
      ({ code: first }) =>
        first !== undefined && ts.isStringLiteralLike(first) && /^[a-z]+\.[a-z]/.test(first.text),
    )
}

/** `log.warn(fields, message)` and the key file's `warn(message)` give no code. */
function isLogLine(call: ts.CallExpression): boolean {
  return /(^|\.)log\.warn$/.test(call.expression.getText()) || call.arguments.length < 2
}

/** `{ state, code, reason, fix }` of a settlement, `{ code, message }` of a warning. */
function literalEntry(node: ts.ObjectLiteralExpression, place: Place): readonly CatalogueEntry[] {
  const code = propertyOf(node, 'code')
  if (code === undefined || !(ts.isStringLiteral(code) || ts.isTemplateExpression(code))) return []
  if (!textOf(code).includes('.')) return []
  const state = propertyOf(node, 'state')
  if (state === undefined) return entry({ code, message: propertyOf(node, 'message') }, 'warning', place)
  const disposition = textOf(code) === 'runs.bug' ? 'bug' : 'NeedsPerson'
  return entry(
    { code, message: propertyOf(node, 'reason'), fix: propertyOf(node, 'fix') },
    disposition,
    place,
  )
}

interface Parts {
  readonly code: ts.Expression | undefined
  readonly message: ts.Expression | undefined
  readonly fix?: ts.Expression | undefined
}

function entry(
  { code, message, fix }: Parts,
  disposition: Disposition,
  { file, seen }: Place,
): CatalogueEntry[] {
  const expression = code?.getText() ?? ''
  if (passedOn.some((line) => line.file === file.fileName && line.expression === expression)) {
    seen.add(`${file.fileName} ${expression}`)
    return []
  }
  const text = code === undefined ? '' : textOf(code).replace(/^\{(name|destination)\}\./, '<destination>.')
  const told = (node: ts.Expression) =>
    text.startsWith('<destination>.')
      ? textOf(node).replace(/\{(name|destination)\}/g, '<destination>')
      : textOf(node)
  if (!/^(<destination>|[a-z]+)\.[a-z0-9_]+$/.test(text)) {
    throw new Error(`${file.fileName}: the code ${expression || '(none)'} cannot be read from the source`)
  }
  return [
    {
      code: text,
      disposition,
      messages: message === undefined ? [] : [told(message)],
      fixes: fix === undefined ? [] : [told(fix)],
      files: [file.fileName],
    },
  ]
}

/** One code has one class; several messages of a code are told one after the other. */
function onePerCode(entries: readonly CatalogueEntry[]): readonly CatalogueEntry[] {
  const byCode = Map.groupBy(entries, ({ code }) => code)
  return [...byCode.values()]
    .map((same) => {
      const [first] = same
      if (first === undefined) throw new Error('a group has members')
      const classes = new Set(same.map(({ disposition }) => disposition))
      if (classes.size > 1)
        throw new Error(`${first.code} is ${[...classes].join(' and ')}; one code has one class`)
      const messages = [...new Set(same.flatMap(({ messages }) => messages))]
      const fixes = [...new Set(same.flatMap(({ fixes }) => fixes))]
      const files = [...new Set(same.flatMap(({ files }) => files))]
      return { ...first, messages, fixes, files }
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}
