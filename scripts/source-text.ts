/** The source of the service as syntax trees, and texts as they stand in it, with `{placeholders}` where values are filled in. */
import { globSync, readFileSync } from 'node:fs'

import ts from 'typescript'

export interface SourceText {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

export function readSources(): readonly SourceText[] {
  const root = new URL('../', import.meta.url)
  return globSync('src/**/*.ts', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }))
}

export function parse({ path, text }: SourceText): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, /* setParentNodes */ true)
}

export function nodesOf(root: ts.Node): readonly ts.Node[] {
  const nodes: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    nodes.push(node)
    ts.forEachChild(node, visit)
  }
  visit(root)
  return nodes
}

/** The value of a property of an object literal; `undefined` for anything else. */
export function propertyOf(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined
  for (const property of node.properties) {
    if (property.name?.getText() !== name) continue
    if (ts.isPropertyAssignment(property)) return property.initializer
    if (ts.isShorthandPropertyAssignment(property)) return property.name
  }
  return undefined
}

export function textOf(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) {
    const rest = node.templateSpans.map(({ expression, literal }) => placeholder(expression) + literal.text)
    return [node.head.text, ...rest].join('')
  }
  if (ts.isConditionalExpression(node)) return `${textOf(node.whenTrue)} / ${textOf(node.whenFalse)}`
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textOf(node.left) + textOf(node.right)
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression
    if (name.text === 'trim') return textOf(expression)
  }
  if (ts.isIdentifier(node)) {
    const given = constantOf(node)
    if (given !== undefined) return textOf(given)
  }
  return placeholder(node)
}

/** `{missing}` for `missing.join(', ')`: the name that a reader can make sense of. */
function placeholder(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return `{${node.text}}`
  if (ts.isPropertyAccessExpression(node)) return `{${node.name.text}}`
  if (ts.isCallExpression(node)) {
    const { expression } = node
    const named = ts.isPropertyAccessExpression(expression) ? expression.expression : node.arguments[0]
    return named === undefined ? '{…}' : placeholder(named)
  }
  if (ts.isBinaryExpression(node)) return placeholder(node.left)
  if (ts.isStringLiteralLike(node)) return node.text
  return '{…}'
}

/** What a `const` of the enclosing blocks holds. */
export function valueOf(name: ts.Identifier): ts.Expression | undefined {
  for (let at: ts.Node = name; !ts.isSourceFile(at); at = at.parent) {
    const statements = ts.isBlock(at.parent) || ts.isSourceFile(at.parent) ? at.parent.statements : []
    for (const statement of statements) {
      if (!ts.isVariableStatement(statement)) continue
      for (const { name: declared, initializer } of statement.declarationList.declarations) {
        if (declared.getText() === name.text && initializer !== undefined) return initializer
      }
    }
  }
  return undefined
}

/** The string that a `const` of the enclosing blocks holds, if it holds one. */
function constantOf(name: ts.Identifier): ts.Expression | undefined {
  const value = valueOf(name)
  return value !== undefined && (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value))
    ? value
    : undefined
}
