/** Colours for states in lists, on a terminal. They are added last, after control characters in texts from others were removed. */
const [red, green, yellow] = [31, 32, 33]

const colourOf: Readonly<Record<string, number>> = {
  ...{ parked: yellow, paused: yellow, warn: yellow },
  ...{ failed: red, refused: red, FAIL: red },
  ...{ done: green, ok: green },
}
const words = Object.keys(colourOf).join('|')
const atHead = new RegExp(`^(${words})(?=  )`)
const inColumn = new RegExp(`^(${words})(?![\\w-])`)

/** The word in the column STATE of a table, and the verdict at the head of a line. */
export function withColours(text: string): string {
  let column = -1
  return text
    .split('\n')
    .map((line) => {
      if (/^[A-Z]+ .*\bSTATE\b/.test(line)) column = line.indexOf('STATE')
      else if (line === '') column = -1
      else if (column > 0) return line.slice(0, column) + line.slice(column).replace(inColumn, painted)
      return line.replace(atHead, painted)
    })
    .join('\n')
}

function painted(word: string): string {
  return `\u001b[${colourOf[word] ?? 0}m${word}\u001b[0m`
}
