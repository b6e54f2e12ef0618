/** Every line that the service logs, read from the source: level, message and fields. A message that cannot be read is an error. */
import ts from 'typescript'

import { nodesOf, parse, propertyOf, readSources, type SourceText, textOf, valueOf } from './source-text.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: readonly string[]
}

/** Fields that are not written out where the line is: an error as safeError tells it, a code that is not always there. */
const known: Readonly<Record<string, string>> = {
  'safeError(error)': 'the error',
  code: '`code`',
  fields: 'what it is about',
}

export function logCatalogue(sources: readonly SourceText[] = readSources()): readonly LogLine[] {
  const nodes = sources.map(parse).flatMap(nodesOf)
  return nodes.flatMap((node) => linesAt(node, nodes))
}

function linesAt(node: ts.Node, nodes: readonly ts.Node[]): readonly LogLine[] {
  if (!ts.isCallExpression(node)) return []
  const level = levelOf(node)
  if (level === undefined) return []
  const [fields, message] = node.arguments
  if (fields === undefined) throw unreadable(node)
  // The key file's `warn` has a message only; opening-keys.ts passes it on to the log.
  if (message === undefined) return [{ level, message: textOf(fields), fields: [] }]
  if (message.getText() === 'message' && node.getSourceFile().fileName === 'src/app/store.ts') return []
  return messagesOf(message, nodes).map((text) => ({ level, message: text, fields: fieldsOf(fields) }))
}

function levelOf(call: ts.CallExpression): LogLevel | undefined {
  const called = call.expression.getText()
  const level = /(?:^|\.)log\.(error|warn|info|debug)$/.exec(called)?.[1]
  if (level === 'error' || level === 'warn' || level === 'info' || level === 'debug') return level
  return called === 'warn' && call.arguments.length === 1 ? 'warn' : undefined
}

/** Written out; or one of a table, `messages[kind]`; or given by name to what logs it, `helper(log, { began: '…' })`. */
function messagesOf(message: ts.Expression, nodes: readonly ts.Node[]): readonly string[] {
  if (ts.isStringLiteralLike(message) || ts.isTemplateExpression(message)) return [textOf(message)]
  const found = ts.isElementAccessExpression(message)
    ? tableNamed(message.expression.getText(), nodes)
    : givenAs(message.getText(), nodes)
  if (found.length === 0) throw unreadable(message)
  return found
}

function tableNamed(name: string, nodes: readonly ts.Node[]): readonly string[] {
  const declared = nodes.find((node) => ts.isVariableDeclaration(node) && node.name.getText() === name)
  return declared === undefined ? [] : nodesOf(declared).flatMap(propertyText)
}

function givenAs(name: string, nodes: readonly ts.Node[]): readonly string[] {
  return nodes
    .filter(ts.isCallExpression)
    .filter(({ arguments: [first] }) => first?.getText() === 'log')
    .flatMap(({ arguments: [, options] }) => propertyOf(options, name) ?? [])
    .map(textOf)
}

function propertyText(node: ts.Node): readonly string[] {
  return ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)
    ? [node.initializer.text]
    : []
}

function fieldsOf(fields: ts.Expression): readonly string[] {
  if (ts.isObjectLiteralExpression(fields)) {
    return fields.properties.flatMap((property) =>
      ts.isSpreadAssignment(property) ? fieldsOf(property.expression) : [`\`${property.name.getText()}\``],
    )
  }
  const value = ts.isIdentifier(fields) ? valueOf(fields) : undefined
  if (value !== undefined && (ts.isObjectLiteralExpression(value) || ts.isCallExpression(value)))
    return fieldsOf(value)
  const told = known[fields.getText()]
  if (told === undefined) throw unreadable(fields)
  return [told]
}

function unreadable(node: ts.Node): Error {
  return new Error(
    `${node.getSourceFile().fileName}: the log line's ${node.getText()} cannot be read from the source`,
  )
}
