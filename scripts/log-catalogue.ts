/** Every line that the service logs, read from the source: level, message and fields. A message that cannot be read is an error. */
import ts from 'typescript'

import { nodesOf, parse, readSources, type SourceText, textOf } from './source-text.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: readonly string[]
}

/** What is spread into the fields: an error as safeError tells it, or a code that is not always there. */
const spread: Readonly<Record<string, string>> = { 'safeError(error)': 'the error', code: 'code' }

export function logCatalogue(sources: readonly SourceText[] = readSources()): readonly LogLine[] {
  return sources.flatMap((source) => nodesOf(parse(source)).flatMap((node) => lineAt(node, source.path)))
}

function lineAt(node: ts.Node, path: string): readonly LogLine[] {
  if (!ts.isCallExpression(node)) return []
  const level = levelOf(node)
  if (level === undefined) return []
  const [fields, message] = node.arguments
  if (fields === undefined) throw new Error(`${path}: ${node.getText()} logs nothing`)
  // The key file's `warn` has a message only; app.ts passes it on to the log.
  if (message === undefined) return [{ level, message: readable(fields, path), fields: [] }]
  if (path === 'src/app.ts' && message.getText() === 'message') return []
  return [{ level, message: readable(message, path), fields: fieldsOf(fields, path) }]
}

function levelOf(call: ts.CallExpression): LogLevel | undefined {
  const called = call.expression.getText()
  const level = /(?:^|\.)log\.(error|warn|info|debug)$/.exec(called)?.[1]
  if (level === 'error' || level === 'warn' || level === 'info' || level === 'debug') return level
  return called === 'warn' && call.arguments.length === 1 ? 'warn' : undefined
}

function readable(message: ts.Expression, path: string): string {
  if (ts.isStringLiteralLike(message) || ts.isTemplateExpression(message)) return textOf(message)
  throw new Error(`${path}: the log message ${message.getText()} cannot be read from the source`)
}

function fieldsOf(fields: ts.Expression, path: string): readonly string[] {
  if (!ts.isObjectLiteralExpression(fields)) return [spreadField(fields, path)]
  return fields.properties.map((property) => {
    if (ts.isSpreadAssignment(property)) return spreadField(property.expression, path)
    return `\`${property.name.getText()}\``
  })
}

function spreadField(expression: ts.Expression, path: string): string {
  const field = spread[expression.getText()]
  if (field === undefined)
    throw new Error(`${path}: log-catalogue.ts does not know the fields of ${expression.getText()}`)
  return field === 'code' ? '`code`' : field
}
